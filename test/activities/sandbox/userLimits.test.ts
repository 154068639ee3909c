import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../../activities/sandbox/programs.ts';

/** Somebody who may make no control group, as most people without root. */
const setpriv = process.getuid?.() === 0 ? await findProgram('setpriv') : undefined;
const module = resolve(import.meta.dirname, '../../../activities/sandbox');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gastown-user-'));
  if (setpriv !== undefined) execFileSync('chown', ['65534:65534', folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const runAsUser = (command: string, more: object): unknown => {
  const program = `
    const { detectedSandbox, runSandboxed, availableControllers } = await import(${JSON.stringify(join(module, 'index.ts'))});
    const { rung } = await detectedSandbox();
    const dir = process.argv[1];
    const { exitCode, timedOut, notes, output } = await runSandboxed({ rung, command: ${JSON.stringify(command)}, cwd: dir, writable: [dir],
      scratch: dir + '/s', network: false, timeoutMs: 9000, ...${JSON.stringify(more)} });
    console.log(JSON.stringify({ exitCode, timedOut, notes, output, controllers: await availableControllers() }));`;
  const become = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const text = execFileSync(
    setpriv ?? '',
    [...become, process.execPath, '--input-type=module', '-e', program, folder],
    {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, TMPDIR: folder, HOME: folder },
      timeout: 40_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return JSON.parse(text);
};

describe.skipIf(setpriv === undefined)(
  'a user who may make no control group (needs root, to become one)',
  () => {
    test('a memory bomb fails at the limit, said with the setting', () => {
      const bomb = `${process.execPath} -e 'const kept = []; for (let i = 0; i < 400; i++) kept.push(Buffer.alloc(16777216, 1)); console.log("had it all")'`;
      const result = runAsUser(bomb, { limits: { memoryMiB: 700 } });
      expect(result).toMatchObject({
        controllers: [],
        notes: ["it says that memory ran out: a process has 700 MiB (the rig's limits.memoryMiB raises it)"],
      });
      expect(result).not.toMatchObject({ exitCode: 0 });
    });

    test('processes are counted, and a fork bomb ends with its timeout', () => {
      const result = runAsUser('i=0; while [ $i -lt 200 ]; do sleep 30 & i=$((i+1)); done; echo all; wait', {
        limits: { processes: 50 },
        timeoutMs: 3_000,
      });
      expect(result).not.toMatchObject({ output: expect.stringMatching(/^all/m) });
    });

    test('the largest file is bounded', () => {
      expect(runAsUser('head -c 50M /dev/zero > big', { limits: { fileMiB: 2 } })).toMatchObject({
        exitCode: 153,
        notes: ["stopped at a file of 2 MiB (the rig's limits.fileMiB raises it)"],
      });
    });
  },
);
