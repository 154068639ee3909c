import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { RefineryStatus } from '../../workflows/domain/report/report.ts';
import { gt, type Ran } from '../client/gtProcess.ts';
import { recordHistory } from '../replay/record.ts';
import type { TempRepo } from '../support/repo.ts';
import { filesReply, type TestTown } from '../support/town.ts';
import { type DeskTown, openDeskTown } from './deskTown.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let open: DeskTown;
let town: TestTown;
/** A rig whose main a person has checked out. */
let desk: TempRepo;

beforeAll(async () => {
  open = await openDeskTown((bead) =>
    filesReply({ [`src/${bead}.txt`]: bead === 'stubborn' ? 'BROKEN\n' : `${bead}\n` }),
  );
  ({ town, desk } = open);
});
afterAll(() => open?.[Symbol.asyncDispose]());

const land = (...args: string[]): Promise<Ran> => gt(['land', ...args, '--by', 'ada'], town.folder);
const refinery = (): Promise<RefineryStatus> =>
  town.client.workflow.getHandle(workflowId.refinery('rig', 'main')).query('refineryStatus');

/** A branch of the remote with a commit on top of main. */
const branch = async (name: string, files: Record<string, string>): Promise<string> => {
  await town.repo.git('branch', '-f', name, 'main');
  return await town.repo.commitTo(name, files, name);
};

test('G1, G2: a bead whose polecat was stopped is looked at, then lands by its own key, and its convoy goes on', async () => {
  // Its gates hang in the test's hand: then it is stopped before it has come to the queue.
  const held = town.holds.hold('runGates');
  const { handle } = await town.launch('night', [{ id: 'one' }, { id: 'two', needs: ['one'] }]);
  await held.arrived;
  const busy = await land('--direct', 'night/night/one');
  expect(busy.code).toBe(exitCode.refused);
  expect(busy.err).toMatch(/PolecatAtWork: .* is at work on it \(gates\)/);
  expect(busy.err).toContain('gt stop night/night/one');

  expect((await gt(['stop', 'night/night/one', '--now'], town.folder)).code).toBe(0);
  held.release();
  await patiently(
    () => town.beadStatus('night', 'one'),
    ({ state }) => state === 'parked',
  );
  const worktree = join(town.config.home, 'rigs/rig/worktrees/night/night/one');
  await writeFile(join(worktree, 'left.txt'), 'mine\n');
  const dirty = await land('--direct', 'night/night/one');
  expect(dirty.code).toBe(exitCode.refused);
  expect(dirty.err).toMatch(/WorktreeDirty: [^]*left\.txt[^]*Next: Commit them/);

  const before = await town.repo.revParse('main');
  const looked = await land('--direct', 'night/night/one', '--force', '--dry-run');
  expect(looked).toMatchObject({ code: 0, err: '' });
  expect(looked.out).toContain('nothing was done');
  expect(looked.out).toMatch(/ok +polecat: no polecat is at work on it: it is parked/);
  expect(looked.out).toMatch(/skipped work tree: 1 file not committed/);
  expect(looked.out).toMatch(/ok +merge: goes forward from main at/);
  expect(looked.out).toMatch(/What would be done:\n.*rig main as a hotfix/);
  expect(await town.repo.revParse('main')).toBe(before);

  const landed = await land('--direct', 'night/night/one', '--force');
  expect(landed).toMatchObject({ code: 0, err: '' });
  expect(landed.out).toMatch(/^rig night\/night\/one for main: landed as [0-9a-f]{10} on main$/);
  expect(await town.repo.show('main', 'src/one.txt')).toBe('one\n');
  expect(await town.repo.git('log', '-1', '--format=%B', 'main^2')).toMatch(/^Bead: night\/night\/one$/m);
  // The parked bead finds that it has landed, so that what needs it starts.
  expect(await handle.result()).toMatchObject({ landed: 2 });
});

test('G10: a branch that conflicts is refused with both sides, whatever is forced; a red one comes back with its gate', async () => {
  await branch('late', { 'src/start.txt': 'late\n' });
  await town.repo.commitTo('main', { 'src/start.txt': 'early\n' });
  const ran = await land('--direct', 'late', '--rig', 'rig', '--force', '--skip-tests', '--reason', 'now');
  expect(ran.code).toBe(exitCode.refused);
  expect(ran.err).toMatch(/MergeConflict: .*src\/start\.txt/);
  expect(ran.err).toMatch(/early[^]*=======[^]*late/);
  await branch('red', { 'src/red.txt': 'BROKEN\n' });
  const red = await land('--direct', 'red', '--rig', 'rig');
  expect(red.code).toBe(exitCode.failed);
  expect(red.out).toMatch(/rig red for main: sent back\n.*GateRed: .*check/);
});

test('G2: what lands without a test says so in git, closes the queue until the target passes, and is taken back by the command that the letter names', async () => {
  const bad = await branch('bad', { 'src/bad.txt': 'BROKEN\n' });
  const look = await land(
    '--direct',
    'bad',
    '--rig',
    'rig',
    '--skip-tests',
    '--reason',
    'the shop is down',
    '--dry-run',
  );
  expect(look.out).toContain('Nothing else lands until the new tip has passed');
  const ran = await land('--direct', 'bad', '--rig', 'rig', '--skip-tests', '--reason', 'the shop is down');
  expect(ran).toMatchObject({ code: 0, err: '' });
  await town.repo.git('merge-base', '--is-ancestor', bad, 'main');
  const tip = await town.repo.revParse('main');
  expect(await town.repo.git('log', '-1', '--format=%(trailers:key=Gates-Skipped,valueonly)', 'main')).toBe(
    'ada: the shop is down',
  );
  // What is good waits: nothing lands on a target that nobody knows to be green.
  await branch('good', { 'src/good.txt': 'good\n' });
  expect((await gt(['submit', 'good', '--rig', 'rig'], town.folder)).code).toBe(0);
  const stopped = await patiently(refinery, (status) => status.stopped !== undefined);
  expect(stopped.stopped).toMatchObject({
    type: 'BaseRed',
    next: expect.stringContaining(`gt land --revert ${tip}`),
  });
  expect(await town.repo.revParse('main')).toBe(tip);
  const told = await patiently(
    () => gt(['problems'], town.folder),
    ({ out }) => out.includes('gt land --revert'),
  );
  expect(told.out).toContain('without a test');

  const [, command = ''] = /`(gt land --revert [^`]+)`/.exec(stopped.stopped?.next ?? '') ?? [];
  const reverted = await gt([...command.split(' ').slice(1), '--by', 'ada'], town.folder);
  expect(reverted).toMatchObject({ code: 0 });
  expect(await town.repo.git('ls-tree', '--name-only', 'main', 'src/bad.txt')).toBe('');
  await patiently(
    () => town.repo.git('ls-tree', '--name-only', 'main', 'src/good.txt'),
    (found) => found !== '',
  );
  expect((await refinery()).stopped).toBeUndefined();
  await recordHistory(town.client, workflowId.refinery('rig', 'main'), 'refinery-overridden');
});

test('asked for once more in another way while it waits, only the last word counts; a paused queue is told at once', async () => {
  await gt(['refinery', 'pause', 'rig', '--reason', 'lunch'], town.folder);
  await branch('slow', { 'src/slow.txt': 'slow\n' });
  const first = land('--direct', 'slow', '--rig', 'rig');
  await patiently(refinery, ({ queue }) => queue.length === 1);
  const shown = await gt(['refinery', 'queue', 'rig'], town.folder);
  expect(shown.out).toContain('waiting submission/rig/slow, landed directly by ada, hotfix');
  const second = land('--direct', 'slow', '--rig', 'rig', '--skip-tests', '--reason', 'in a hurry');
  const replaced = await first;
  expect(replaced.code).toBe(exitCode.refused);
  expect(replaced.err).toContain('lunch');
  expect(replaced.err).toContain('was asked to be landed once more');
  expect((await gt(['refinery', 'resume', 'rig'], town.folder)).code).toBe(0);
  expect(await second).toMatchObject({ code: 0, out: expect.stringContaining('Without a test.') });
  expect((await refinery()).queue).toEqual([]);
  await patiently(refinery, ({ untested }) => untested === undefined);
  await recordHistory(town.client, workflowId.direct('submission/rig/slow'), 'direct-asked-twice');
});

test('G2: beside a person’s checkout: what is not committed there stops it, and a revert goes to the branch that the town lands on', async () => {
  // In a work tree of its own, so that main stays checked out.
  const folder = join(town.folder, 'mine');
  await desk.git('worktree', 'add', '-q', '-b', 'mine', folder);
  await writeFile(join(folder, 'src/mine.txt'), 'BROKEN\n');
  await desk.git('-C', folder, 'add', '.');
  await desk.git('-C', folder, 'commit', '-q', '-m', 'mine');
  await writeFile(join(folder, 'src/start.txt'), 'not committed\n');
  const dirty = await land('--direct', 'mine', '--rig', 'desk', '--dry-run', '--json');
  expect(dirty.code).toBe(exitCode.refused);
  expect(JSON.parse(dirty.out)).toMatchObject({
    data: { state: 'looked', failure: { type: 'WorktreeDirty' }, target: 'gastown/main', upstream: 'main' },
  });
  await desk.git('-C', folder, 'checkout', '-q', '--', 'src/start.txt');
  const ran = await land('--direct', 'mine', '--rig', 'desk', '--skip-tests', '--reason', 'now');
  expect(ran).toMatchObject({ code: 0 });
  const queue = town.client.workflow.getHandle(workflowId.refinery('desk', 'gastown/main'));
  const { stopped } = await patiently(
    () => queue.query<RefineryStatus>('refineryStatus'),
    (status) => status.stopped !== undefined,
  );
  const [, command = ''] = /`(gt land --revert [^`]+)`/.exec(stopped?.next ?? '') ?? [];
  expect(command).toContain('--target gastown/main');
  expect(await land(...command.split(' ').slice(2))).toMatchObject({ code: 0 });
  expect(await desk.git('ls-tree', '--name-only', 'gastown/main', 'src/mine.txt')).toBe('');
});

test('G1: the work of a blocked bead, which has no branch any more, lands, and a launch of its plan goes on from there', async () => {
  const plan = [
    { id: 'stubborn', attempts: 1 },
    { id: 'after', needs: ['stubborn'] },
  ];
  const { handle } = await town.launch('hard', plan);
  expect(await handle.result()).toMatchObject({ landed: 0 });
  const ran = await land('--direct', 'hard/hard/stubborn', '--skip-tests', '--reason', 'the gate is wrong');
  expect(ran).toMatchObject({ code: 0 });
  expect(await town.repo.show('main', 'src/stubborn.txt')).toBe('BROKEN\n');
  const stopped = await patiently(refinery, (status) => status.stopped !== undefined);
  const [, command = ''] = /`(gt land --revert [^`]+)`/.exec(stopped.stopped?.next ?? '') ?? [];
  expect(await land(...command.split(' ').slice(2))).toMatchObject({ code: 0 });
  const again = await town.launch('hard', plan);
  expect(await again.handle.result()).toMatchObject({ landed: 2 });
});

test.each([
  [['demo'], /--direct says that you mean it/],
  [['--direct'], /Name what to land/],
  [['--direct', 'bad', '--skip-tests'], /needs a reason/],
  [['--direct', 'night/night/nobody'], /no bead named night\/night\/nobody/],
  [['--direct', 'nowhere', '--rig', 'rig'], /has no branch nowhere/],
  [['--direct', 'x', '--rig', 'rigg'], /Did you mean rig\?/],
  [['--revert', 'abcdef1', '--rig', 'rig'], /no commit abcdef1/],
])('G10: gt land %j is refused in three parts and does nothing', async (args, says) => {
  const before = await town.repo.revParse('main');
  const ran = await gt(['land', ...args], town.folder);
  expect(ran).toMatchObject({ code: exitCode.badInput, out: '', err: expect.stringMatching(says) });
  expect(ran.err).toContain('Next: ');
  expect(await town.repo.revParse('main')).toBe(before);
});
