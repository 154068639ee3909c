import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { chooseRung } from '../../../activities/sandbox/choose.ts';
import { candidateRungs, detectSandbox, probe } from '../../../activities/sandbox/detect.ts';
import { findProgram } from '../../../activities/sandbox/programs.ts';
import { bareRung, bubblewrapRung } from '../../../activities/sandbox/rung.ts';

const rig = { name: 'app', sandbox: 'required' } as const;
const nothing = async () => ({
  rung: bareRung,
  failed: [{ rung: bubblewrapRung('/usr/bin/bwrap'), why: 'setting up uid map: Permission denied' }],
});

test('the rung that is found keeps its promises, and no isolation does not count as one', async () => {
  const rung = await detectSandbox();
  expect(rung.name).not.toBe('none');
  expect(await detectSandbox()).toBe(rung);
  expect(await probe(bareRung)).toMatch(/writable|readable|reachable/);
});

test('G10: where none works, required is refused with reason, install command and alternative', async () => {
  await expect(chooseRung(rig, nothing)).rejects.toMatchObject({
    type: 'SandboxUnavailable',
    nonRetryable: true,
    details: [
      {
        evidence: expect.stringContaining('/usr/bin/bwrap: setting up uid map: Permission denied'),
        next: expect.stringMatching(/apt-get install bubblewrap[^]*sandbox: off/),
      },
    ],
  });
});

test('every rung that this machine has the tools for is tried', async () => {
  const tried = await Promise.all(
    (await candidateRungs()).map(async (rung) => [rung.name, await probe(rung)]),
  );
  expect(tried.some(([, why]) => why === undefined)).toBe(true);
});

test('off and the sample rig go on without', async () => {
  expect((await chooseRung({ ...rig, sandbox: 'sample' }, nothing)).name).toBe('none');
  expect((await chooseRung({ ...rig, sandbox: 'off' })).name).toBe('none');
  expect((await chooseRung({ ...rig, sandbox: 'sample' })).name).not.toBe('none');
});

test('a broken tool is a reason, not a crash', async () => {
  expect(await probe(bubblewrapRung('/bin/false'))).toContain('did not start');
  expect(await probe(bubblewrapRung('/nowhere/bwrap'))).toContain('did not start');
});

const setpriv = process.getuid?.() === 0 ? await findProgram('setpriv') : undefined;

test.skipIf(setpriv === undefined)(
  'another user without privileges gets a rung too, or a named reason',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'gastown-user-'));
    try {
      execFileSync('chown', ['65534:65534', folder]);
      const module = resolve(import.meta.dirname, '../../../activities/sandbox/index.ts');
      const program = `
      const { detectedSandbox, runSandboxed } = await import(${JSON.stringify(module)});
      const { rung, failed } = await detectedSandbox();
      const dir = process.argv[1];
      const result = await runSandboxed({ rung, command: 'echo hi > made && cat made && ! touch /usr/x 2>/dev/null', cwd: dir, writable: [dir], scratch: dir + '/s', network: false, timeoutMs: 9000 });
      console.log(JSON.stringify({ name: rung.name, failed: failed.map(({ why }) => why), code: result.exitCode, output: result.output }));
    `;
      const arguments_ = [
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        process.execPath,
        '--input-type=module',
        '-e',
        program,
        folder,
      ];
      const text = execFileSync(setpriv ?? '', arguments_, {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, TMPDIR: folder, HOME: folder },
        timeout: 20_000,
      });
      const said: unknown = JSON.parse(text);
      expect(said).toMatchObject({ code: 0, output: 'hi\n' });
      expect(said).toMatchObject({ name: expect.stringMatching(/bubblewrap|unshare/) });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
