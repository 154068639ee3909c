import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endOfGit } from '../../../activities/git/child.ts';
import { type GitOptions, git, gitBytes, gitLine } from '../../../activities/git/run.ts';
import { runGit, spawnApart } from '../../../activities/git/spawner.ts';
import { type TempRepo, tempRepo } from '../../support/repo.ts';
import { childrenWith, isRunning, processesWith } from './processes.ts';

const execute = promisify(execFile);

/** Here all gits are started apart; `endOfGit` starts them as they were without. */
beforeAll(spawnApart);

const spawners = (parent?: number): Promise<readonly number[]> => childrenWith('spawnerProcess.ts', parent);

const onlySpawner = async (): Promise<number> => {
  const [pid, ...others] = await spawners();
  expect(others).toEqual([]);
  return pid as number;
};

/** A git without children that waits for a writer who never comes. */
const hanging = async (repo: TempRepo, name = 'fifo'): Promise<readonly string[]> => {
  await execute('mkfifo', [join(repo.path, name)]);
  return ['hash-object', '--no-filters', join(repo.path, name)];
};

const moduleAt = (path: string): string =>
  JSON.stringify(new URL(`../../../activities/git/${path}`, import.meta.url).href);

/** A program with the spawner in it, as a worker has it. */
const program = async (repo: TempRepo, lines: string): Promise<string> => {
  const path = join(repo.path, 'program.mts');
  await writeFile(
    path,
    `import { git, gitLine } from ${moduleAt('run.ts')};
     import { spawnApart } from ${moduleAt('spawner.ts')};
     spawnApart();
     const cwd = ${JSON.stringify(repo.path)};
     ${lines}`,
  );
  return path;
};

describe('what a git answers', () => {
  let repo: TempRepo;
  beforeAll(async () => {
    repo = await tempRepo({ bare: true, files: { large: '\0ÿ\n'.repeat(200_000), empty: '' } });
  });
  afterAll(() => repo[Symbol.asyncDispose]());

  test.each<[string, readonly string[], Partial<GitOptions>]>([
    ['text', ['log', '--format=%H %an', 'main'], {}],
    ['bytes', ['cat-file', 'blob', 'main:large'], {}],
    ['nothing', ['cat-file', 'blob', 'main:empty'], {}],
    ['to a text', ['hash-object', '--stdin'], { input: 'Grüße\r\n\0' }],
    ['to an empty text', ['hash-object', '--stdin'], { input: '' }],
    ['to bytes', ['hash-object', '--stdin'], { input: Buffer.from([0, 255, 10, 13]) }],
    ['to many bytes', ['hash-object', '--stdin'], { input: randomBytes(2_000_000) }],
    ['to bytes that it does not read', ['version'], { input: randomBytes(500_000) }],
    ['with an exit code', ['rev-parse', '--verify', '--quiet', 'refs/heads/none'], {}],
    ['with an error', ['cat-file', 'blob', 'main:none'], {}],
    ['of its environment', ['var', 'GIT_AUTHOR_IDENT'], { env: { GIT_AUTHOR_DATE: '@1 +0000' } }],
    ['of the user’s environment', ['ls-remote', '.'], { profile: 'transport' }],
    ['where there is no remote', ['ls-remote', './nothing'], { profile: 'transport' }],
    ['where there is no folder', ['version'], { cwd: '/nonexistent' }],
    ['in its folder', ['rev-parse', '--absolute-git-dir'], {}],
  ])('is the same as if it was started here: %s', async (_, args, options) => {
    const all: GitOptions = { cwd: repo.path, ...options };
    const [apart, here] = await Promise.all([runGit(args, all), endOfGit(args, all)]);
    expect(Buffer.isBuffer(apart.stdout) && apart.stdout.equals(here.stdout)).toBe(true);
    expect({ ...apart, stdout: '' }).toEqual({ ...here, stdout: '' });
  });

  test('belongs to who asked, also of many at once', async () => {
    const words = Array.from({ length: 60 }, (_, at) => `word ${at}`);
    const { path: cwd } = repo;
    const format = (word: string) => ['log', '-1', `--format=tformat:${word}`, 'main'];
    expect(await Promise.all(words.map((word) => gitLine(format(word), { cwd })))).toEqual(words);
    await onlySpawner();
  });

  test('may be tens of megabytes', async () => {
    const input = Buffer.alloc(24 * 1024 * 1024, randomBytes(1_000));
    const stash = { cwd: repo.path, input };
    const id = await gitLine(['-c', 'core.compression=0', 'hash-object', '-w', '--stdin'], stash);
    const { stdout } = await gitBytes(['cat-file', 'blob', id], { cwd: repo.path });
    expect(stdout.equals(input)).toBe(true);
  });
});

describe('the end of a git', () => {
  test('comes with a cancellation, whose reason the caller has', async () => {
    await using repo = await tempRepo();
    const abort = new AbortController();
    const hang = git(await hanging(repo), { cwd: repo.path, signal: abort.signal });
    await expect.poll(() => processesWith(join(repo.path, 'fifo'))).toHaveLength(1);
    abort.abort(new Error('cancelled by a person'));
    await expect(hang).rejects.toThrow('cancelled by a person');
    expect(await processesWith(join(repo.path, 'fifo'))).toEqual([]);
  });

  test('comes also with a cancellation that is there before it began, or comes as it begins', async () => {
    await using repo = await tempRepo();
    const args = await hanging(repo);
    const aborted = AbortSignal.abort();
    expect(await runGit(args, { cwd: repo.path, signal: aborted })).toMatchObject({
      exitCode: null,
      error: 'ended, because the work was cancelled',
    });
    const abort = new AbortController();
    const hang = runGit(args, { cwd: repo.path, signal: abort.signal });
    abort.abort();
    expect(await hang).toMatchObject({ exitCode: null, error: 'ended, because the work was cancelled' });
  });

  test('comes when it takes or prints too much', async () => {
    await using repo = await tempRepo({ files: { big: 'x'.repeat(1_000_000) } });
    const cwd = repo.path;
    await expect(git(await hanging(repo), { cwd, timeoutMs: 50 })).rejects.toThrow('longer than 0.05 s');
    const flood = git(['cat-file', 'blob', 'main:big'], { cwd, maxBytes: 1_000 });
    await expect(flood).rejects.toThrow('printed more than 1000 bytes');
  });
});

describe('the process that starts gits', () => {
  test('G5: killed, it costs a failure that is tried again, and another takes its place', async () => {
    await using repo = await tempRepo();
    const { path: cwd } = repo;
    const args = await hanging(repo);
    const hangs = Array.from({ length: 5 }, () => git(args, { cwd }));
    const ends = Promise.allSettled(hangs);
    await expect.poll(() => processesWith(join(repo.path, 'fifo'))).toHaveLength(5);
    const first = await onlySpawner();
    process.kill(first, 'SIGKILL');
    // Also who comes before it is known that it is dead.
    const late = git(['version'], { cwd }).then(
      () => 'answered',
      (error: { type: string }) => error.type,
    );
    for (const end of await ends)
      expect(end).toMatchObject({ status: 'rejected', reason: { type: 'GitFailed', nonRetryable: false } });
    expect(await late).toBe('GitFailed');
    expect(await gitLine(['rev-parse', 'main'], { cwd })).toBe(await repo.revParse('main'));
    expect(await onlySpawner()).not.toBe(first);
    // What it started goes on by itself, as a worker's own would.
    for (const pid of await processesWith(join(repo.path, 'fifo'))) process.kill(pid, 'SIGKILL');
  });

  test('does not hear the signals of a terminal or of a stop: a worker that drains still needs its gits', async () => {
    await using repo = await tempRepo();
    const hang = git(await hanging(repo), { cwd: repo.path });
    await expect.poll(() => processesWith(join(repo.path, 'fifo'))).toHaveLength(1);
    const pid = await onlySpawner();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    await execute('sh', ['-c', `printf 'some text' > ${join(repo.path, 'fifo')}`]);
    expect((await hang).stdout).toMatch(/^[0-9a-f]{40}\n$/);
    expect(await onlySpawner()).toBe(pid);
  });

  test('ends with its worker, however that ends, and transport gits with it', async () => {
    await using repo = await tempRepo();
    const path = await program(
      repo,
      `const hang = ['-c', 'alias.hang=!exec sleep 60; : ' + cwd, 'hang'];
       git(hang, { cwd, profile: 'transport' }).catch(() => {});
       console.log(await gitLine(['version'], { cwd }));
       setInterval(() => {}, 60_000);`,
    );
    const worker = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = worker.pid as number;
    await new Promise((said) => worker.stdout.once('data', said));
    await expect.poll(() => processesWith(`alias.hang=!exec sleep 60; : ${repo.path}`)).toHaveLength(1);
    const [spawner] = await spawners(pid);
    expect(spawner).toBeDefined();
    worker.kill('SIGKILL');
    await expect.poll(() => isRunning(spawner as number)).toBe(false);
    await expect.poll(() => processesWith(repo.path)).toEqual([]);
  });

  test('keeps its worker only while a git runs, and takes the flags that an older Node needs for this code', async () => {
    await using repo = await tempRepo();
    const path = await program(
      repo,
      `const peek = 'alias.peek=!read _ _ _ pid _ < /proc/$PPID/stat && xargs -0 < /proc/$pid/cmdline';
       gitLine(['-c', peek, 'peek'], { cwd, profile: 'transport' }).then(console.log);`,
    );
    const flags = ['--experimental-vm-modules', '--max-semi-space-size=4'];
    const worker = spawn(process.execPath, [...flags, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((done) => worker.once('exit', done));
    expect(await text(worker.stdout)).toMatch(
      /--experimental-vm-modules --max-semi-space-size=1 \S+spawnerProcess\.ts/,
    );
    expect(await ended).toBe(0);
    expect(await processesWith(repo.path)).toEqual([]);
  });
});
