import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { obstaclesIn } from '../../activities/git/obstacle.ts';
import type { ExaminedQueue, GroupTest, Landing } from '../../workflows/ports.ts';
import { type RefineryTown, refineryTown } from '../activities/refinery/town.ts';
import { type Mine, type Minefield, makeMinefield } from './mines.ts';
import { expectGreenMain, processesOf } from './oracle.ts';
import type { StepOrder } from './refineryStep.ts';
import { firstFiles } from './tenBeads.ts';
import { gateIn, until } from './watch.ts';

/** Where a worker dies in one step: at a git call, in the midst of a gate, or with its answer on its lips. */
interface Point {
  readonly step: StepOrder['step'];
  readonly at: Pick<Mine, 'args' | 'blast'> | 'gate' | 'answer';
}

const target = 'update-ref refs/gt/target/*';
const group = 'update-ref refs/gt/group/*';
/** Puts a tree in order when its gate has passed. */
const settling = '*status --porcelain*';

const points: Readonly<Record<string, Point>> = {
  'the tip was read': { step: 'examine', at: { args: target, blast: 'worker-before' } },
  'a queue was looked at, and nobody told': { step: 'examine', at: 'answer' },
  'the commits of a group were made, and not its ref': {
    step: 'testGroup',
    at: { args: group, blast: 'worker-before' },
  },
  'the ref of a group was made, and no gate ran': {
    step: 'testGroup',
    at: { args: group, blast: 'worker-after' },
  },
  'a gate had begun': { step: 'testGroup', at: 'gate' },
  'the gates had passed, and the green was not on record': {
    step: 'testGroup',
    at: { args: settling, blast: 'worker-after' },
  },
  'the green was on record, and nobody told': { step: 'testGroup', at: 'answer' },
  'the group was pushed, and no receipt was written': {
    step: 'land',
    at: { args: '*push --porcelain --atomic*', blast: 'worker-after' },
  },
  'the group had landed, and nobody told': { step: 'land', at: 'answer' },
};

test.for(Object.entries(points))(
  'G5: the step that is done again lands each bead once and green, when its worker died after %s',
  async ([, point], { signal }) => {
    const { at, step } = point;
    await using town = await crashableTown();
    const members = [
      await town.bead('one', { 'src/one.txt': 'one\n' }),
      await town.bead('two', { 'src/two.txt': 'two\n' }),
    ];
    const base = await town.remote.revParse('main');
    const queue = { ...town.target, members, beside: [] };
    const test = { ...town.target, base, members, run: 1, looked: true };

    const seen =
      step === 'examine'
        ? await twice<ExaminedQueue>(town, point, queue, signal)
        : await town.refinery.examine(queue);
    expect(seen).toMatchObject({ tip: { commit: base }, found: [{ outcome: 'fits' }, { outcome: 'fits' }] });

    const tested =
      step === 'testGroup'
        ? await twice<GroupTest>(town, point, test, signal)
        : await town.refinery.testGroup(test);
    const { commit = '', members: placed } = tested;
    expect(tested.report).toMatchObject({
      verdict: 'green',
      cached: step === 'testGroup' && at === 'answer',
    });
    // Whoever composes it: it is the same commit.
    if (typeof at === 'object' && at.args === group)
      expect(await town.mines.calledWith('here')).toContain(commit);

    const land = { ...town.target, base, commit, members: placed };
    const landing =
      step === 'land' ? await twice<Landing>(town, point, land, signal) : await town.lander.land(land);
    expect(landing).toEqual({ outcome: 'landed', commit });
    await expectLanded(town, commit);
  },
);

interface CrashableTown extends RefineryTown {
  readonly folder: string;
  readonly mines: Minefield;
  /** There when a gate has passed. */
  readonly passed: string;
}

const crashableTown = async (): Promise<CrashableTown> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'gastown-steps-')));
  const passed = join(folder, 'passed');
  const gate = { name: 'check', run: `sh check.sh && : > '${passed}'`, timeoutMs: 20_000 };
  const [town, mines] = await Promise.all([
    refineryTown({ files: firstFiles, rig: { gates: [gate] } }),
    makeMinefield(join(folder, 'git')),
  ]);
  const dispose = async (): Promise<void> => {
    await town[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...town, folder, mines, passed, [Symbol.asyncDispose]: dispose };
};

/** What a step answers when the first worker that does it has died at its point, and another does it again. */
const twice = async <T>(
  town: CrashableTown,
  { step, at }: Point,
  request: object,
  signal: AbortSignal,
): Promise<T> => {
  const order = { root: town.home.root, rig: town.rig, step, request };
  if (typeof at === 'object')
    await town.mines.lay({ name: 'here', ...at, ...(at.args === settling ? { after: town.passed } : {}) });
  const first = work(town, { ...order, dies: at === 'answer' });
  if (at === 'gate') {
    await until(signal, () => gateIn(dirname(town.home.slot('rig', 0))));
    first.child.kill('SIGKILL');
  }
  expect(await first.ended).toEqual({ said: '', died: 'SIGKILL' });
  expect(await town.mines.left()).toEqual([]);

  const { said, died } = await work(town, { ...order, dies: false }).ended;
  expect(died).toBeNull();
  return JSON.parse(said) as T;
};

const work = ({ mines }: CrashableTown, order: StepOrder) => {
  const program = fileURLToPath(new URL('./refineryStep.ts', import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(order)], {
    env: { ...process.env, PATH: `${mines.folder}:${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const died = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  const ended = Promise.all([text(child.stdout), died]).then(([said, by]) => ({ said, died: by }));
  return { child, ended };
};

const expectLanded = async (town: CrashableTown, commit: string): Promise<void> => {
  const { remote, bare, home } = town;
  expect(await remote.revParse('main')).toBe(commit);
  const beads = await remote.git('log', '--format=%(trailers:key=Bead,valueonly)', 'main');
  expect(beads.split('\n').filter(Boolean).sort()).toEqual(['c/e/one', 'c/e/two']);
  await expectGreenMain({ repo: remote });
  const refs = await bare.git('for-each-ref', '--format=%(refname)', 'refs/gt/');
  expect(refs.split('\n')).toEqual([
    'refs/gt/landed/c/e/one',
    'refs/gt/landed/c/e/two',
    'refs/gt/slot/0',
    'refs/gt/target/main',
  ]);
  expect(await obstaclesIn(bare.path)).toEqual([]);
  // The slot of the dead was taken over.
  expect(await readdir(dirname(home.slot('rig', 0)))).toEqual(['0']);
  await expect.poll(() => processesOf(town.folder)).toEqual([]);
};
