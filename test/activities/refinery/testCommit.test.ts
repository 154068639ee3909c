import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createGateRunner } from '../../../activities/gates/index.ts';
import { greensOf } from '../../../activities/refinery/greens.ts';
import { createRefineryActivities } from '../../../activities/refinery/index.ts';
import { bareRung } from '../../../activities/sandbox/index.ts';
import type { ComposedGroup } from '../../../workflows/ports.ts';
import { quiet, refineryTown } from './town.ts';

const gate = (name: string, run: string, timeoutMs = 20_000) => ({ name, run, timeoutMs });

/** A dead process that nobody has waited for yet still has its number. */
const isAlive = async (pid: string): Promise<boolean> => {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !/\) [ZX] /.test(status);
};

describe('testing a commit in a slot', () => {
  it('G2: runs every gate on exactly the tree of the commit, and remembers only greens', async () => {
    await using town = await refineryTown({
      rig: {
        gates: [gate('one', 'grep -q 1 one.txt'), gate('all', 'test "$(ls | xargs)" = "a.txt one.txt"')],
      },
    });
    const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    const report = await town.test(group);
    expect(report).toMatchObject({
      verdict: 'green',
      tree: group.tree,
      gateHash: group.gateHash,
      cached: false,
    });
    expect(await town.test(group)).toMatchObject({ verdict: 'green', cached: true });
    // A result that is being doubted does not answer for itself.
    expect(await town.test(group, 2)).toMatchObject({ verdict: 'green', cached: false });
  });

  it('reports red with what a polecat needs, from all gates that failed', async () => {
    await using town = await refineryTown({
      rig: { gates: [gate('lint', 'echo lint is sad; exit 3'), gate('test', 'echo test is sad; exit 4')] },
    });
    const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    const report = await town.test(group);
    if (report.verdict !== 'red') throw new Error('green');
    expect(report.failures).toMatchObject([
      { gate: 'lint', exitCode: 3 },
      { gate: 'test', exitCode: 4 },
    ]);
    expect(report.feedback.kind).toBe('refinery');
    const text = await town.blobs.get(report.feedback.ref);
    expect(text).toContain('lint is sad');
    expect(text).toContain('test is sad');
    expect(await town.test(group)).toMatchObject({ verdict: 'red' });
  });

  it('names the failing tests of all gates as one run, while they all name theirs', async () => {
    const tap = (name: string) => `printf "1..2\\nok 1 - fine\\nnot ok 2 - ${name}\\n"; exit 1`;
    await using town = await refineryTown({
      rig: { gates: [gate('unit', tap('adds')), gate('whole', tap('boots'))] },
    });
    const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    expect(await town.test(group)).toMatchObject({
      verdict: 'red',
      tests: { ran: 4, failing: ['adds', 'boots'] },
    });
  });

  it('blames no test where a gate that only compiles is red', async () => {
    const tap = 'printf "1..1\\nnot ok 1 - adds\\n"; exit 1';
    await using town = await refineryTown({
      rig: { gates: [{ ...gate('types', 'exit 2'), compile: true }, gate('unit', tap)] },
    });
    const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    expect(await town.test(group)).toMatchObject({
      verdict: 'red',
      tests: { ran: 1, failing: [], seen: ['adds'] },
    });
  });

  it('says that no test ran where nothing else is wrong, and goes on to the other gates', async () => {
    const idle = { ...gate('unit', 'true'), tests: true };
    for (const [last, failure] of [
      ['true', 'NoTestsRan'],
      ['exit 1', undefined],
    ] as const) {
      await using town = await refineryTown({ rig: { gates: [gate('lint', last), idle] } });
      const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
      const report = await town.test(group);
      if (report.verdict !== 'red') throw new Error('green');
      expect(report.feedback.failure).toBe(failure);
      expect(report.failures.at(-1)).toMatchObject({ gate: 'unit', kind: 'noTests' });
    }
  });

  it('a green of another machine is asked again, and lands all the same', async () => {
    await using town = await refineryTown({ rig: { gates: [gate('one', 'true')] } });
    const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    await town.test(group);
    const path = process.env.PATH;
    try {
      process.env.PATH = `${path}:${tmpdir()}`;
      expect(await town.test(group)).toMatchObject({ verdict: 'green', cached: false });
    } finally {
      process.env.PATH = path;
    }
    expect(await town.test(group)).toMatchObject({ verdict: 'green', cached: false });
    expect(await town.test(group)).toMatchObject({ verdict: 'green', cached: true });
    const greens = greensOf(town.home, 'rig');
    expect(await greens.has(group.gateHash, group.tree as string)).toBe(true);
  });

  it('G2: what an earlier run left behind cannot make a tree green, nor can a gate that repairs its tree', async () => {
    await using town = await refineryTown({
      files: { 'a.txt': 'a\n', '.gitignore': 'dist/\n' },
      rig: {
        gates: [
          gate('build', 'test ! -e build.txt || { mkdir -p dist; echo ok > dist/out; }; echo fixed > a.txt'),
          gate('test', 'test -e dist/out && test "$(cat a.txt)" = a'),
        ],
      },
    });
    const builds = await town.compose(await town.bead('one', { 'build.txt': 'x\n' }));
    expect((await town.test(builds)).verdict).toBe('green');
    const forgets = await town.compose(await town.bead('two', { 'two.txt': 'x\n' }));
    const report = await town.test(forgets);
    expect(report).toMatchObject({ verdict: 'red', failures: [{ gate: 'test' }] });
  });

  it('G5: takes over a slot that a killed process left locked, dirty and unwritable', async () => {
    await using town = await refineryTown();
    const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    await town.test(group);
    // As a process leaves it that was killed in the middle: claim, index lock, half a tree.
    const dead = spawn('true');
    await new Promise((resolve) => dead.once('close', resolve));
    const slot = town.home.slot('rig', 0);
    const claim = join(town.home.root, 'claim');
    await writeFile(claim, JSON.stringify({ pid: dead.pid, born: '1', nonce: 'n' }));
    await town.bare.git('update-ref', 'refs/gt/slot/0', await town.bare.git('hash-object', '-w', claim));
    await writeFile(join(town.bare.path, 'worktrees', '0', 'index.lock'), '');
    await mkdir(join(slot, 'junk', 'deep'), { recursive: true });
    await writeFile(join(slot, 'junk', 'deep', 'file'), 'x');
    await chmod(join(slot, 'junk', 'deep'), 0o500);
    await writeFile(join(slot, 'red'), 'x');
    expect(await town.test(group, 2)).toMatchObject({ verdict: 'green', cached: false });
    await expect(stat(join(slot, 'junk'))).rejects.toThrow();
  });

  it('makes a slot anew when its folder or its registration is gone', async () => {
    await using town = await refineryTown();
    const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    await town.test(group);
    await rm(town.home.slot('rig', 0), { recursive: true });
    expect((await town.test(group, 2)).verdict).toBe('green');
    await rm(join(town.bare.path, 'worktrees'), { recursive: true });
    expect((await town.test(group, 2)).verdict).toBe('green');
  });

  it('G5: makes a slot anew after `worktree add` was killed: registered, locked, and not there', async () => {
    await using town = await refineryTown();
    const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    await town.test(group);
    await rm(town.home.slot('rig', 0), { recursive: true });
    await writeFile(join(town.bare.path, 'worktrees', '0', 'locked'), 'initializing');
    expect((await town.test(group, 2)).verdict).toBe('green');
  });

  it('runs tests at once in slots of their own', async () => {
    await using town = await refineryTown({
      rig: { gates: [gate('alone', 'test ! -e busy && touch busy && sleep 0.3 && rm busy')] },
    });
    const groups = await Promise.all(
      ['one', 'two', 'three'].map(async (name, n) => {
        const base = await town.remote.revParse('main');
        const bead = await town.bead(name, { [`${name}.txt`]: `${n}\n` }, base);
        return town.compose(bead);
      }),
    );
    const reports = await Promise.all(groups.map((group) => town.test(group)));
    expect(reports.map((report) => report.verdict)).toEqual(['green', 'green', 'green']);
  });

  it('gives the slot back after a cancel, and leaves no process behind', async () => {
    await using town = await refineryTown({
      rig: { gates: [gate('long', 'echo $$ > ../../../pid; sleep 60')] },
    });
    const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    const { home, blobs, rig, target } = town;
    const runner = createGateRunner({ home, blobs, rungFor: async () => bareRung });
    const activities = createRefineryActivities({ home, blobs, runner, rigs: new Map([['rig', rig]]) });
    const environment = quiet();
    const running = environment.run(activities.testCommit, {
      ...target,
      commit: group.commit as string,
      tree: group.tree as string,
      gateHash: group.gateHash,
      run: 1,
    });
    const pidFile = join(home.root, 'rigs', 'pid');
    const pid = await vi.waitFor(
      async () => {
        const text = await readFile(pidFile, 'utf8');
        expect(text).toMatch(/^\d+\n$/);
        return text;
      },
      { timeout: 10_000, interval: 25 },
    );
    environment.cancel();
    await expect(running).rejects.toThrow();
    await vi.waitFor(async () => expect(await isAlive(pid.trim())).toBe(false), 5_000);
    const pass = { ...rig, gates: [gate('test', 'true')] };
    const again = createRefineryActivities({ home, blobs, runner, rigs: new Map([['rig', pass]]) });
    const look: ComposedGroup = await quiet().run(again.composeGroup, { ...target, members: [] });
    const report = await quiet().run(again.testCommit, {
      ...target,
      commit: group.commit as string,
      tree: group.tree as string,
      gateHash: look.gateHash,
      run: 1,
    });
    expect(report).toMatchObject({ verdict: 'green' });
    await expect(stat(home.slot('rig', 1))).rejects.toThrow();
  });

  it('I3: refuses a test whose gates have changed since, and a commit that has another tree', async () => {
    await using town = await refineryTown();
    const group = await town.compose(await town.bead('one', { 'one.txt': '1\n' }));
    await expect(town.test({ ...group, gateHash: 'other' })).rejects.toMatchObject({ type: 'RigUnusable' });
    await expect(town.test({ ...group, tree: group.baseTree })).rejects.toMatchObject({ type: 'GitFailed' });
  });
});
