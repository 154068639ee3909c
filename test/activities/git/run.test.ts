import { execFile } from 'node:child_process';
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { redacted } from '../../../activities/git/redact.ts';
import { git, gitBytes, gitLine } from '../../../activities/git/run.ts';
import { tempRepo } from '../../support/repo.ts';

describe('git', () => {
  test('gives what git printed, and takes input as text or bytes', async () => {
    await using repo = await tempRepo();
    const cwd = repo.path;
    const oid = await gitLine(['hash-object', '-w', '--stdin'], { cwd, input: Buffer.from([0, 255, 10]) });
    expect((await gitBytes(['cat-file', 'blob', oid], { cwd })).stdout).toEqual(Buffer.from([0, 255, 10]));
    expect((await git(['rev-parse', 'main'], { cwd })).stdout).toBe(`${await repo.revParse('main')}\n`);
  });

  test('an exit code that is an answer comes back, any other is GitFailed with the evidence (G10)', async () => {
    await using repo = await tempRepo();
    const cwd = repo.path;
    const args = ['rev-parse', '--verify', '--quiet', 'refs/heads/none'];
    expect(await git(args, { cwd, okExitCodes: [0, 1] })).toMatchObject({ exitCode: 1, stdout: '' });
    const failed = git(['rev-parse', '--verify', 'none'], { cwd });
    await expect(failed).rejects.toMatchObject({ type: 'GitFailed', nonRetryable: false });
    await expect(failed).rejects.toThrow(
      `git rev-parse --verify none\nin ${cwd}: exit status 128\nfatal: Needed a single revision`,
    );
  });

  test('a folder that is not there, a flood and a timeout are failures, not hangs', async () => {
    await using repo = await tempRepo({ files: { big: 'x'.repeat(1_000_000) } });
    await expect(git(['version'], { cwd: '/nonexistent' })).rejects.toThrow(/ENOENT/);
    const flood = git(['cat-file', 'blob', 'main:big'], { cwd: repo.path, maxBytes: 1_000 });
    await expect(flood).rejects.toThrow(/printed more than 1000 bytes/);
    const hang = git(['-c', 'alias.hang=!sleep 60', 'hang'], {
      cwd: repo.path,
      profile: 'transport',
      timeoutMs: 50,
    });
    await expect(hang).rejects.toThrow(/took longer than 0.05 s/);
  });

  test('an abort ends git and all that it started, with the reason of the signal', async () => {
    await using repo = await tempRepo();
    const abort = new AbortController();
    const reason = new Error('cancelled by a person');
    const pidFile = join(repo.path, 'pid');
    const alias = `alias.hang=!echo $$ > ${pidFile}.new && mv ${pidFile}.new ${pidFile} && sleep 60`;
    const hang = git(['-c', alias, 'hang'], { cwd: repo.path, profile: 'transport', signal: abort.signal });
    const pidIn = () => readFile(pidFile, 'utf8').catch(() => '');
    await expect.poll(pidIn).not.toBe('');
    const pid = Number(await pidIn());
    abort.abort(reason);
    await expect(hang).rejects.toBe(reason);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(git(['version'], { cwd: repo.path, signal: abort.signal })).rejects.toBe(reason);
  });
});

describe('the sealed profile', () => {
  test('neither the configuration of the user nor hooks nor inherited variables reach plumbing', async () => {
    await using repo = await tempRepo({ bare: true });
    const hook = join(repo.path, 'hooks/reference-transaction');
    await mkdir(join(repo.path, 'hooks'), { recursive: true });
    await writeFile(hook, '#!/bin/sh\necho ran >> "$PWD/hook-ran"\n');
    await chmod(hook, 0o755);
    const run = `
      import { gitLine } from ${JSON.stringify(new URL('../../../activities/git/run.ts', import.meta.url).href)};
      const options = { cwd: ${JSON.stringify(repo.path)} };
      await gitLine(['update-ref', 'refs/heads/x', 'main'], options);
      console.log(JSON.stringify([
        await gitLine(['config', '--get', 'user.name'], { ...options, okExitCodes: [0, 1] }),
        await gitLine(['var', 'GIT_AUTHOR_IDENT'], options),
        await gitLine(['rev-parse', '--absolute-git-dir'], options),
      ]));`;
    await writeFile(join(repo.path, 'user.config'), '[user]\n\tname = Eve\n');
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', run], {
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: join(repo.path, 'user.config'),
        GIT_DIR: '/nonexistent',
        GIT_AUTHOR_NAME: 'Eve',
      },
    });
    const [name, author, folder] = JSON.parse(stdout) as string[];
    expect(name).toBe('');
    expect(author).toMatch(/^Gas Town <gastown@localhost> /);
    expect(folder).toBe(repo.path);
    await expect(access(join(repo.path, 'hook-ran'))).rejects.toThrow('ENOENT');
  });
});

test.each([
  ['https://user:secret@host/x', 'https://***@host/x'],
  ['https://ghp_token@host/x.git and http://a:b@h', 'https://***@host/x.git and http://***@h'],
  ['ssh://git:pw@host/x', 'ssh://git@host/x'],
  ['ssh://git@host/x', 'ssh://git@host/x'],
  ['git@host:x/y', 'git@host:x/y'],
])('no password of a URL reaches evidence: %s', (text, expected) => {
  expect(redacted(text)).toBe(expected);
});
