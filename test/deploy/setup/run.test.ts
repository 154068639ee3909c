import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { markOf } from '../../../deploy/town/processes.ts';
import { npm, program, tempFolder, temporal } from './fakes.ts';

const here = fileURLToPath(new URL('../../..', import.meta.url));
let root: string;
let bin: string;

/** A clone with the set-up and one script; npm and temporal are tiny programs. */
beforeEach(async () => {
  const folder = await tempFolder();
  [root, bin] = [join(folder, 'clone'), join(folder, 'bin')];
  await cp(join(here, 'deploy/setup'), join(root, 'deploy/setup'), { recursive: true });
  await cp(join(here, 'client/gt.mjs'), join(root, 'client/gt.mjs'));
  await mkdir(join(root, 'deploy/temporal'));
  await cp(join(here, 'deploy/temporal/go.mod'), join(root, 'deploy/temporal/go.mod'));
  await writeFile(join(root, 'package.json'), '{"type": "module"}');
  await writeFile(join(root, 'package-lock.json'), '{"packages": {}}');
  await npm(bin);
  await temporal(join(bin, 'temporal'));
});

const script = async (text: string, path = 'script.ts'): Promise<void> =>
  await writeFile(join(root, path), text);

const run = (args: string[], program = 'deploy/setup/run.mjs'): ChildProcess => {
  const child = spawn(process.execPath, [join(root, program), ...args], {
    cwd: root,
    env: { PATH: bin, HOME: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
};

const ended = async (child: ChildProcess) => {
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, out, err };
};

test('the script gets its arguments, the Temporal command line and a set-up clone; the second run says nothing', async () => {
  await script(
    'const all: string[] = process.argv.slice(2); console.log(JSON.stringify([all, process.env.GASTOWN_TEMPORAL_CLI]));',
  );
  const first = await ended(run(['script.ts', 'a b', '--json']));
  expect(JSON.parse(first.out)).toEqual([['a b', '--json'], join(bin, 'temporal')]);
  expect(first.err).toContain('npm ci');
  expect((await ended(run(['script.ts']))).err).toBe('');
});

test('--no-temporal needs no server', async () => {
  await program(join(bin, 'temporal'), 'exit 1');
  await script('console.log(process.env.GASTOWN_TEMPORAL_CLI);');
  expect(await ended(run(['--no-temporal', 'script.ts']))).toMatchObject({ code: 0, out: 'undefined\n' });
});

test('the exit status is the script’s', async () => {
  await script('process.exitCode = 7;');
  expect((await ended(run(['script.ts']))).code).toBe(7);
});

test('a script that dies of a signal looks the same from outside', async () => {
  await script("process.kill(process.pid, 'SIGKILL');");
  expect(await ended(run(['script.ts']))).toMatchObject({ code: null, signal: 'SIGKILL' });
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s reaches the script, which ends in its own time',
  async (signal) => {
    await script(
      `process.on('${signal}', () => { console.log('drained'); process.exit(3); }); setInterval(() => {}, 1000); console.log('up');`,
    );
    const child = run(['script.ts']);
    const end = ended(child);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill(signal);
    expect(await end).toMatchObject({ code: 3, out: 'up\ndrained\n' });
  },
);

test('gt needs no Temporal server of its own and passes arguments on', async () => {
  await program(join(bin, 'temporal'), 'exit 1');
  await script('console.log(process.argv.slice(2).join());', 'client/gt.ts');
  expect(await ended(run(['status', '--json'], 'client/gt.mjs'))).toMatchObject({
    code: 0,
    out: 'status,--json\n',
  });
});

test('G5: a set-up that is ended takes the program along that it waits for', async () => {
  await program(join(bin, 'npm'), `echo $$ > '${root}/npm.pid'; exec /bin/sleep 60`);
  await script('');
  const child = run(['script.ts']);
  const end = ended(child);
  const npmProcess = await pidIn(join(root, 'npm.pid'));
  child.kill('SIGTERM');
  expect(await end).toMatchObject({ signal: 'SIGTERM' });
  while ((await markOf(npmProcess)) !== undefined) await pause(20);
});

test('G10: a set-up that fails prints the problem without a stack, exit status 1', async () => {
  await npm(bin, { fails: true });
  await script('');
  const { code, err } = await ended(run(['script.ts']));
  expect(code).toBe(1);
  expect(err).toMatch(/could not be installed[\s\S]*Next: /);
  expect(err).not.toContain('    at ');
});

/** Bounded by the test's timeout. */
const pidIn = async (path: string): Promise<number> => {
  for (;;) {
    const pid = Number(await readFile(path, 'utf8').catch(() => ''));
    if (pid > 0) return pid;
    await pause(20);
  }
};
