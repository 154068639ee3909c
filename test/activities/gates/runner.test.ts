import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createGateRunner, type GateRunner, gateHash, gateReport } from '../../../activities/gates/index.ts';
import { withLock } from '../../../activities/gates/lock.ts';
import { bareRung } from '../../../activities/sandbox/index.ts';
import { workingRungs } from '../sandbox/rungs.ts';
import { gate, makeTestRig, type TestRig } from './rig.ts';

const rungs = [...(await workingRungs()), bareRung];
let made: TestRig | undefined;
const town = (...args: Parameters<typeof makeTestRig>): TestRig => (made = makeTestRig(...args));
afterEach(() => made?.remove());

const runnerOf = (of: TestRig, more: Partial<Parameters<typeof createGateRunner>[0]> = {}): GateRunner =>
  createGateRunner({ home: of.home, blobs: of.blobs, ...more });

describe('gates', () => {
  test('G3: exit codes decide; every gate runs, and a red one is told with its evidence', async () => {
    const of = town({ 'a.txt': 'a\n' });
    const rig = {
      ...of.rig,
      gates: [
        gate('types', `echo "src/a.ts(3,5): error TS2322: Type 'x' is not assignable."; exit 2`),
        gate('lint', 'echo all fine'),
        gate(
          'test',
          `printf '\\033[31mnot ok 1 - adds two numbers\\033[0m\\nnot ok 2 - later # TODO\\n'; seq 100; exit 1`,
        ),
      ],
    };
    const run = await runnerOf(of).runGates({ rig, dir: of.dir, names: [] });
    expect(run.verdict).toBe('red');
    expect(run.gates.map(({ gate: name, passed }) => [name, passed])).toEqual([
      ['types', false],
      ['lint', true],
      ['test', false],
    ]);
    expect(run.failures).toMatchObject([
      {
        gate: 'types',
        kind: 'exit',
        exitCode: 2,
        summary: "exit status 2: src/a.ts(3,5): error TS2322: Type 'x' is not assignable.",
      },
      { gate: 'test', kind: 'exit', exitCode: 1, summary: 'exit status 1: adds two numbers' },
    ]);
    expect(await of.blobs.get(run.failures[1]?.logRef ?? '')).toContain('\u001b[31m');
    const text = await of.blobs.get(run.feedback?.ref ?? '');
    expect(text).toContain('Gate "types" is red');
    expect(text).toContain('Command: echo');
    expect(text).toContain('- adds two numbers');
    expect(text).not.toMatch(/^- later/m);
    expect(text).not.toContain('\u001b');
    expect(text.split('\n')).toContain('100');
    expect(text.split('\n')).not.toContain('60');
    expect(text.length).toBeLessThan(6_100);
    expect(run.feedback?.summary).not.toMatch(/\n/);
  });

  test('names choose gates, none means all, and an unknown name is refused', async () => {
    const of = town({ 'a.txt': 'a\n' });
    const rig = { ...of.rig, gates: [gate('one', 'true'), gate('two', 'exit 1')] };
    const runner = runnerOf(of);
    expect(await runner.runGates({ rig, dir: of.dir, names: ['one'] })).toMatchObject({ verdict: 'green' });
    expect(await runner.runGates({ rig, dir: of.dir, names: [] })).toMatchObject({ verdict: 'red' });
    await expect(runner.runGates({ rig, dir: of.dir, names: ['three'] })).rejects.toMatchObject({
      type: 'PlanRejected',
    });
  });

  test('a timeout and a flood end the run with their own kinds', async () => {
    const of = town({ 'a.txt': 'a\n' });
    const hangs = { ...of.rig, gates: [gate('hang', 'echo waiting; sleep 60', 300), gate('never', 'true')] };
    const runner = runnerOf(of, { outputLimit: 50_000 });
    expect(await runner.runGates({ rig: hangs, dir: of.dir, names: [] })).toMatchObject({
      gates: [{ gate: 'hang' }],
      failures: [
        { kind: 'timeout', exitCode: undefined, summary: 'killed after its timeout of 0.3 s: waiting' },
      ],
    });
    const floods = { ...of.rig, gates: [gate('flood', 'yes'), gate('never', 'true')] };
    expect(await runner.runGates({ rig: floods, dir: of.dir, names: [] })).toMatchObject({
      gates: [{ gate: 'flood' }],
      failures: [{ kind: 'flood' }],
    });
  });

  test('a green run reports the tree and the hash of the gates', async () => {
    const of = town({ 'a.txt': 'a\n' });
    const rig = { ...of.rig, gates: [gate('one', 'true')] };
    const run = await runnerOf(of).runGates({ rig, dir: of.dir, names: [] });
    expect(gateReport(run, 'tree', gateHash(rig))).toMatchObject({
      verdict: 'green',
      tree: 'tree',
      cached: false,
    });
    expect(gateHash({ ...rig, gates: [gate('one', 'false')] })).not.toBe(gateHash(rig));
    expect(gateHash({ ...rig, network: true })).not.toBe(gateHash(rig));
    expect(gateHash({ ...rig, maxWorkers: 7 })).toBe(gateHash(rig));
  });
});

describe.each(rungs.map((rung) => [rung.name, rung] as const))('in %s', (_, rung) => {
  test('the tree is as committed afterwards, and git can be read inside', async () => {
    const of = town({ 'a.txt': 'a\n', 'b.txt': 'b\n', '.gitignore': 'ignored\n' });
    const rig = {
      ...of.rig,
      gates: [
        gate(
          'dirty',
          'echo x > a.txt; rm b.txt; echo n > new.txt; echo i > ignored; git log --oneline; git status --short',
        ),
      ],
    };
    const run = await runnerOf(of, { rungFor: async () => rung }).runGates({ rig, dir: of.dir, names: [] });
    expect(run).toMatchObject({ verdict: 'green' });
    expect(of.git(of.dir, 'status', '--porcelain')).toBe('');
    expect(existsSync(join(of.dir, 'new.txt'))).toBe(false);
    expect(readFileSync(join(of.dir, 'ignored'), 'utf8')).toBe('i\n');
  });

  test('G9: a gate that makes .git its own gets it back, and its hook never runs', async () => {
    const of = town({ 'a.txt': 'a\n' });
    const before = readFileSync(join(of.dir, '.git'), 'utf8');
    const rig = {
      ...of.rig,
      gates: [
        gate(
          'evil',
          'rm -rf .git; git init -q . 2>/dev/null && git config core.fsmonitor "touch $PWD/../owned" ; echo x > a.txt; exit 0',
        ),
      ],
    };
    await runnerOf(of, { rungFor: async () => rung }).runGates({ rig, dir: of.dir, names: [] });
    expect(readFileSync(join(of.dir, '.git'), 'utf8')).toBe(before);
    expect(of.git(of.dir, 'status', '--porcelain')).toBe('');
    expect(existsSync(join(of.dir, '..', 'owned'))).toBe(false);
  });

  test('a cancel rethrows its reason, after the tree is restored', async () => {
    const of = town({ 'a.txt': 'a\n' });
    const abort = new AbortController();
    const rig = { ...of.rig, gates: [gate('slow', 'echo x > a.txt; echo up; sleep 60')] };
    const running = runnerOf(of, { rungFor: async () => rung }).runGates({
      rig,
      dir: of.dir,
      names: [],
      signal: abort.signal,
      onProgress: ({ bytes }) => bytes > 0 && abort.abort(new Error('cancelled')),
    });
    await expect(running).rejects.toThrow('cancelled');
    expect(of.git(of.dir, 'status', '--porcelain')).toBe('');
  });
});

describe('set-up and caches', () => {
  const files = {
    'lock.json': '1\n',
    'setup.sh':
      'mkdir -p deps/x && cat lock.json > deps/x/lock && echo made >> deps/log && ln -s /etc/passwd deps/link\n',
    '.gitignore': 'deps\n',
  };
  const settings = {
    setup: 'sh setup.sh',
    caches: ['deps'],
    cacheKey: ['lock.json'],
    gates: [gate('uses', 'grep -q 1 deps/x/lock && echo more >> deps/log && cat deps/log')],
  };

  test('set-up runs once for a lock file; every tree gets copies that flow nowhere', async () => {
    const of = town(files, settings);
    const runner = runnerOf(of);
    const other = of.worktree('other');
    const [first, second] = await Promise.all([
      runner.runGates({ rig: of.rig, dir: of.dir, names: [] }),
      runner.runGates({ rig: of.rig, dir: other, names: [] }),
    ]);
    expect([first.verdict, second.verdict]).toEqual(['green', 'green']);
    expect(readFileSync(join(of.dir, 'deps/log'), 'utf8')).toBe('made\nmore\n');
    const third = of.worktree('third');
    await runner.prepareTree(of.rig, third);
    expect(readFileSync(join(third, 'deps/log'), 'utf8')).toBe('made\n');
  });

  test('a tree keeps its caches from run to run, and gets them again when they were cleaned away', async () => {
    const of = town(files, settings);
    const runner = runnerOf(of);
    await runner.prepareTree(of.rig, of.dir);
    writeFileSync(join(of.dir, 'deps', 'mark'), '');
    await runner.prepareTree(of.rig, of.dir);
    expect(existsSync(join(of.dir, 'deps', 'mark'))).toBe(true);
    of.git(of.dir, 'clean', '-ffdxq');
    await runner.prepareTree(of.rig, of.dir);
    expect(readFileSync(join(of.dir, 'deps/x/lock'), 'utf8')).toBe('1\n');
    expect(existsSync(join(of.dir, 'deps', 'mark'))).toBe(false);
  });

  test('G5: the checkout of a set-up that was killed is gone after the next one', async () => {
    const of = town(files, settings);
    const caches = of.home.caches('app');
    const repo = of.home.repo('app');
    const held = join(caches, 'other.0a1b2c3d');
    for (const key of ['dead.0a1b2c3d', 'other.0a1b2c3d']) {
      mkdirSync(join(caches, key), { recursive: true });
      of.git(repo, 'worktree', 'add', '-q', '--detach', join(caches, key, 'tree'), 'main');
    }
    // As `worktree add` leaves it when it is killed, and as a maker who is at work now.
    writeFileSync(join(repo, 'worktrees', 'tree', 'locked'), 'initializing');
    await withLock(join(caches, 'other.lock'), undefined, () => runnerOf(of).prepareTree(of.rig, of.dir));
    expect(existsSync(join(caches, 'dead.0a1b2c3d'))).toBe(false);
    const listed = of.git(repo, 'worktree', 'list', '--porcelain');
    expect(listed).not.toContain('dead.');
    expect(listed).toContain(held);
  });

  test('G2: a change cannot put its own code into the caches of others', async () => {
    const of = town(files, settings);
    const runner = runnerOf(of);
    of.commit(of.dir, { 'setup.sh': 'mkdir -p deps/x; echo 1 > deps/x/lock; echo poison > deps/log\n' });
    await runner.prepareTree(of.rig, of.dir);
    expect(readFileSync(join(of.dir, 'deps/log'), 'utf8')).toBe('made\n');
    // A change of the lock file itself has caches of its own.
    of.commit(of.dir, { 'lock.json': '1 new\n' });
    await runner.prepareTree(of.rig, of.dir);
    expect(readFileSync(join(of.dir, 'deps/log'), 'utf8')).toBe('poison\n');
    const other = of.worktree('other');
    of.commit(other, { 'lock.json': '1 new\n' });
    await runner.prepareTree(of.rig, other);
    expect(readFileSync(join(other, 'deps/log'), 'utf8')).toBe('made\n');
  });

  test('a set-up that the change broke is red for the polecat, and the next change is tried afresh', async () => {
    const of = town(files, settings);
    const runner = runnerOf(of);
    of.commit(of.dir, { 'lock.json': '1 2\n', 'setup.sh': 'echo "Error: no such package" >&2; exit 7\n' });
    expect(await runner.runGates({ rig: of.rig, dir: of.dir, names: [] })).toMatchObject({
      verdict: 'red',
      gates: [],
      failures: [
        { gate: 'setup', kind: 'setup', exitCode: 7, summary: 'exit status 7: Error: no such package' },
      ],
    });
    of.commit(of.dir, { 'setup.sh': files['setup.sh'] });
    expect(await runner.runGates({ rig: of.rig, dir: of.dir, names: [] })).toMatchObject({
      verdict: 'green',
    });
  });

  test('G10: a set-up that fails on what has landed is a person’s matter, with evidence', async () => {
    const of = town({ ...files, 'setup.sh': 'echo "cannot download" >&2; exit 3\n' }, settings);
    await expect(runnerOf(of).prepareTree(of.rig, of.dir)).rejects.toMatchObject({
      type: 'SetupFailed',
      nonRetryable: true,
      details: [
        {
          evidence: expect.stringMatching(/sh setup\.sh[^]*exit status 3[^]*cannot download/),
          next: expect.stringContaining('network'),
        },
      ],
    });
    expect(of.git(of.home.repo('app'), 'worktree', 'list').split('\n')).toHaveLength(2);
  });

  test('caches that a change turned into links are not followed', async () => {
    const of = town({ ...files, 'setup.sh': 'ln -s /etc deps\n' }, settings);
    expect(await runnerOf(of).prepareTree(of.rig, of.dir)).toBeUndefined();
    expect(existsSync(join(of.dir, 'deps'))).toBe(false);
  });

  test('without set-up nothing is done', async () => {
    const of = town({ 'a.txt': 'a\n' });
    expect(await runnerOf(of).prepareTree(of.rig, '/nowhere')).toBeUndefined();
    expect(existsSync(of.home.caches('app'))).toBe(false);
  });

  test('set-up without caches is part of every run', async () => {
    const of = town(
      { 'a.txt': 'a\n', '.gitignore': 'out\n' },
      { setup: 'echo x >> out', gates: [gate('out', 'cat out')] },
    );
    expect(await runnerOf(of).runGates({ rig: of.rig, dir: of.dir, names: [] })).toMatchObject({
      verdict: 'green',
    });
  });
});
