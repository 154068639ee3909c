import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSandboxed, type SandboxResult, type SandboxRun } from '../../../activities/sandbox/run.ts';
import { bareRung } from '../../../activities/sandbox/rung.ts';
import { processesWith } from './processes.ts';
import { workingRungs } from './rungs.ts';

const rungs = await workingRungs();

let town: string;
let tree: string;
let repo: string;
let listener: Server;
let port: number;
const secretFile = join(homedir(), `.gastown-test-${process.pid}`, 'id_rsa');

beforeAll(async () => {
  town = realpathSync(mkdtempSync(join(tmpdir(), 'gastown-sandbox-')));
  tree = join(town, 'rigs', 'r', 'worktrees', 'c', 'e', 'b');
  repo = join(town, 'rigs', 'r', 'repo.git');
  mkdirSync(tree, { recursive: true });
  mkdirSync(join(repo, 'worktrees', 'b'), { recursive: true });
  writeFileSync(join(repo, 'config'), 'bare');
  writeFileSync(join(tree, '.git'), `gitdir: ${repo}/worktrees/b\n`);
  writeFileSync(join(town, 'town.json'), 'town');
  mkdirSync(join(secretFile, '..'), { recursive: true });
  writeFileSync(secretFile, 'the planted key');
  process.env.PLANTED_TOKEN = 'the planted token';
  listener = createServer((socket) => socket.end('reached'));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterAll(() => {
  delete process.env.PLANTED_TOKEN;
  listener.close();
  rmSync(join(secretFile, '..'), { recursive: true, force: true });
  rmSync(town, { recursive: true, force: true });
});

const run = (
  rung: SandboxRun['rung'],
  command: string,
  more: Partial<SandboxRun> = {},
): Promise<SandboxResult> =>
  runSandboxed({
    rung,
    command,
    cwd: tree,
    writable: [tree],
    readOnly: [repo],
    hidden: [town],
    scratch: join(town, 'scratch'),
    network: false,
    timeoutMs: 20_000,
    ...more,
  });

test('this machine has a rung to test', () => {
  expect(rungs.length).toBeGreaterThan(0);
});

describe.each([...rungs, bareRung].map((rung) => [rung.name, rung] as const))('in %s', (_, rung) => {
  test('output comes in order, exit codes and signals as a shell says them', async () => {
    const result = await run(rung, 'echo one; echo two >&2; echo three >/dev/stderr; exit 3');
    expect(result).toMatchObject({ exitCode: 3, signal: undefined, timedOut: false, flooded: false });
    expect(result.output).toBe('one\ntwo\nthree\n');
    expect(await run(rung, 'kill -SEGV $$')).toMatchObject({ exitCode: 139, signal: 'SIGSEGV' });
    expect(await run(rung, 'exit 255')).toMatchObject({ exitCode: 255, signal: undefined });
  });

  test('an argument list goes to the program as it is', async () => {
    const result = await run(rung, '', { command: ['printf', '%s|', 'a b', '$HOME', "'"] });
    expect(result.output).toBe("a b|$HOME|'|");
  });

  test('G9: the environment is scrubbed; HOME and TMPDIR are its own and gone afterwards', async () => {
    const { output } = await run(rung, 'env; touch "$HOME/x" "$TMPDIR/y"; echo "is $HOME"', {
      env: { EXTRA: 'given' },
    });
    expect(output).not.toContain('planted');
    expect(output).toContain('EXTRA=given');
    expect(output).toContain('CI=1\n');
    const home = /^is (.*)$/m.exec(output)?.[1] ?? '';
    expect(home).toContain(join(town, 'scratch'));
    expect(existsSync(home)).toBe(false);
  });

  test('a command that ignores SIGTERM and hangs is killed at its timeout', async () => {
    const result = await run(rung, 'trap "" TERM INT HUP; echo up; while :; do sleep 1; done', {
      timeoutMs: 300,
    });
    expect(result).toMatchObject({ exitCode: undefined, timedOut: true, output: 'up\n' });
    expect(result.ms).toBeLessThan(5_000);
  });

  test('a flood of output is cut at the limit and ended', async () => {
    const result = await run(rung, 'yes flood', { outputLimit: 100_000 });
    expect(result).toMatchObject({ exitCode: undefined, flooded: true, timedOut: false });
    expect(result.output.length).toBe(100_000);
  });

  test('a cancel kills at once and throws its reason', async () => {
    const abort = new AbortController();
    const mark = `cancel-${process.pid}-${rung.name}`;
    const running = run(rung, `trap "" TERM; sh -c 'while :; do sleep 1; done' ${mark} & echo up; wait`, {
      signal: abort.signal,
      onOutput: () => abort.abort(new Error('enough')),
    });
    await expect(running).rejects.toThrow('enough');
    expect(await processesWith(mark)).toEqual([]);
  });

  test('a run that is cancelled before it starts starts nothing', async () => {
    await expect(run(rung, 'touch never', { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    );
    expect(existsSync(join(tree, 'never'))).toBe(false);
  });

  test('daemons die with the command, also with a session of their own and no output', async () => {
    const mark = `daemon-${process.pid}-${rung.name}`;
    const result = await run(
      rung,
      `setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' ${mark} >/dev/null 2>&1 </dev/null &
       (setsid sh -c 'while :; do sleep 1; done' ${mark} &) ; echo done`,
    );
    expect(result).toMatchObject({ exitCode: 0, output: 'done\n' });
    expect(await processesWith(mark)).toEqual([]);
  });

  test('a storm of forks ends with the timeout and leaves nothing', async () => {
    const mark = `storm-${process.pid}-${rung.name}`;
    const storm = `i=0; while [ $i -lt 60 ]; do setsid sh -c 'while :; do sleep 1; done' ${mark} & i=$((i+1)); done; echo up; wait`;
    const result = await run(rung, storm, { timeoutMs: 1_000 });
    expect(result.timedOut).toBe(true);
    expect(await processesWith(mark)).toEqual([]);
  });

  test('standard input is empty', async () => {
    expect((await run(rung, 'cat; echo end')).output).toBe('end\n');
  });
});

describe.each(rungs.map((rung) => [rung.name, rung] as const))('G9: in %s', (_, rung) => {
  test('only the tree, HOME and TMPDIR can be written', async () => {
    const { output } = await run(
      rung,
      `touch inside "$HOME/a" "$TMPDIR/b" && echo wrote
       for place in ${repo}/config ${repo}/evil ${town}/town.json ${homedir()}/gastown-evil /etc/gastown-evil /usr/gastown-evil /gastown-evil /var/tmp/gastown-evil /run/gastown-evil /proc/sys/kernel/core_pattern; do
         (: >> "$place") 2>/dev/null && echo "changed $place"
       done; exit 0`,
    );
    expect(output).toBe('wrote\n');
    expect(existsSync(join(tree, 'inside'))).toBe(true);
    expect(readFileSync(join(repo, 'config'), 'utf8')).toBe('bare');
    expect(readFileSync(join(town, 'town.json'), 'utf8')).toBe('town');
  });

  test('the .git of the tree can be neither changed, removed nor replaced', async () => {
    const before = readFileSync(join(tree, '.git'), 'utf8');
    await run(rung, 'echo evil > .git; rm -f .git; mv .git x; ln -sf /tmp .git; mkdir -p .git/hooks');
    expect(readFileSync(join(tree, '.git'), 'utf8')).toBe(before);
  });

  test('keys in homes, the town, other trees and the machine’s own secrets cannot be read; the repository can', async () => {
    const { output } = await run(
      rung,
      `for file in ${secretFile} ${town}/town.json /etc/shadow; do cat "$file" 2>/dev/null; done
       ls -a ${homedir()} | grep gastown-test; cat ${repo}/config; ls ${town}; exit 0`,
    );
    expect(output).not.toContain('planted');
    expect(output).not.toContain('gastown-test');
    expect(output).not.toContain('root:');
    expect(output).toContain('bare');
    expect(output).not.toContain('town.json');
  });

  test('the machine’s loopback is out of reach while its own works', async () => {
    const { output } = await run(rung, '', {
      command: [
        process.execPath,
        '-e',
        `const net = require('node:net');
         const ask = (port) => new Promise((done) => net.connect(port, '127.0.0.1').once('data', () => done('reached')).once('error', (e) => done(e.code)));
         const server = net.createServer((s) => s.end('hi')).listen(0, '127.0.0.1', async () => {
           console.log('host', await ask(${port})); console.log('own', await ask(server.address().port)); process.exit(0);
         });`,
      ],
    });
    expect(output).toBe('host ECONNREFUSED\nown reached\n');
  });

  test('with the network of the host, the machine is reachable', async () => {
    const { output } = await run(rung, '', {
      network: 'host',
      command: [
        process.execPath,
        '-e',
        `require('node:net').connect(${port}, '127.0.0.1').once('data', (d) => { console.log(String(d)); process.exit(0); }).once('error', (e) => { console.log(e.code); process.exit(1); });`,
      ],
    });
    expect(output).toBe('reached\n');
  });

  test('it sees no process but its own, and has no capability', async () => {
    const { output } = await run(
      rung,
      'ls /proc | grep -c "^[0-9]"; grep CapEff /proc/self/status; ls /dev | wc -l',
    );
    const [processes = '', capabilities = '', devices = ''] = output.split('\n');
    expect(Number(processes)).toBeLessThan(10);
    expect(capabilities).toMatch(/0{16}$/);
    expect(Number(devices)).toBeLessThan(20);
  });

  test('a missing folder is said with evidence', async () => {
    await expect(run(rung, 'true', { cwd: join(town, 'nowhere'), writable: [] })).rejects.toMatchObject({
      type: 'SandboxUnavailable',
      details: [{ evidence: expect.stringContaining('nowhere') }],
    });
  });
});
