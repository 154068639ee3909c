import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { RefineryStatus } from '../../workflows/domain/report/report.ts';
import { recordHistory } from '../replay/record.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
/** Outside of every repository; while it holds a file `outage`, the gates are red and the code is not to blame. */
let weather: string;
/** Every commit that the outsider pushed, in order. */
const theirs: string[] = [];

beforeAll(async () => {
  weather = await realpath(await mkdtemp(join(tmpdir(), 'gt-weather-')));
  town = await openTestTown({
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
    config: (config) => ({
      ...config,
      // Gates that depend on the weather have to see it.
      sandbox: 'off',
      rigs: {
        rig: {
          path: (config as { rigs: { rig: { path: string } } }).rigs.rig.path,
          gates: [
            { name: 'check', run: 'sh check.sh', timeout: '20s' },
            { name: 'weather', run: `test ! -e '${weather}/outage'`, timeout: '20s' },
          ],
        },
      },
    }),
  });
  await town.repo.git('config', 'core.logAllRefUpdates', 'always');
});
afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  await rm(weather, { recursive: true, force: true });
});

const push = async (files: Record<string, string | null>, message: string): Promise<string> => {
  const commit = await town.repo.commitTo('main', files, message);
  theirs.push(commit);
  return commit;
};

const refinery = () => town.client.workflow.getHandle(workflowId.refinery('rig', 'main'));
const refineryStatus = (): Promise<RefineryStatus> => refinery().query('refineryStatus');
const stopped = () => patiently(refineryStatus, (status) => status.stopped !== undefined);

/** Commits that the Refinery has tested in its slots, in order. */
const tested = async (): Promise<string[]> => {
  const { events } = await refinery().fetchHistory();
  return (events ?? []).flatMap((event) => {
    const data = event.activityTaskCompletedEventAttributes?.result?.payloads?.[0]?.data;
    const answer = data
      ? (JSON.parse(Buffer.from(data).toString()) as { commit?: string; report?: object })
      : {};
    return answer.report === undefined || answer.commit === undefined ? [] : [answer.commit];
  });
};

const firstParents = async (branch = 'main'): Promise<string[]> =>
  (await town.repo.git('rev-list', '--first-parent', branch)).split('\n');

test('G2: a green commit that an outsider pushes under a landing is the new base, gated before anything lands on it', async () => {
  const hold = town.holds.hold('land');
  const { handle } = await town.launch('green', [{ id: 'first' }]);
  await hold.arrived;
  const pushed = await push({ 'src/outsider.txt': 'a good change\n' }, 'outsider: a good change');
  hold.release();
  expect(await handle.result()).toMatchObject({ landed: 1 });

  const [tip = '', below] = await firstParents();
  expect(below).toBe(pushed);
  const order = await tested();
  expect(order.indexOf(pushed)).toBeGreaterThanOrEqual(0);
  expect(order.indexOf(pushed)).toBeLessThan(order.indexOf(tip));
  await recordHistory(town.client, workflowId.refinery('rig', 'main'), 'refinery-screened-outsider');
});

test('G2: a red commit stops the queue, which says so; what works waits, and goes on when the outsider has repaired it', async () => {
  const hold = town.holds.hold('land');
  const { handle } = await town.launch('red', [{ id: 'second' }, { id: 'third', needs: ['second'] }]);
  await hold.arrived;
  const red = await push({ 'src/bad.txt': 'BROKEN\n' }, 'outsider: breaks it');
  hold.release();

  const { stopped: why, queue } = await stopped();
  expect(why).toMatchObject({ type: 'BaseRed', what: expect.stringContaining(red.slice(0, 12)) });
  expect(why?.evidence).toContain('check');
  expect(why?.next).toContain('gt refinery resume rig main');
  expect(queue).toMatchObject([{ bead: 'red/red/second', state: 'waiting' }]);
  expect(await town.beadStatus('red', 'second')).toMatchObject({ state: 'queued' });

  // A bead that starts now must not spend its tries on what somebody else broke.
  const late = await town.launch('late', [{ id: 'fourth' }]);
  await patiently(refineryStatus, (status) => status.queue.length === 2);
  expect(await town.repo.revParse('main')).toBe(red);

  await push({ 'src/bad.txt': 'mended\n' }, 'outsider: repairs it');
  expect(await handle.result()).toMatchObject({ landed: 2 });
  expect(await late.handle.result()).toMatchObject({ landed: 1 });
  expect((await refineryStatus()).stopped).toBeUndefined();
  expect((await town.beadStatus('late', 'fourth')).attempt).toBe(1);
});

test('a commit on top that is red again keeps it stopped, and nothing lands in between', async () => {
  const hold = town.holds.hold('land');
  const { handle } = await town.launch('still', [{ id: 'fifth' }]);
  await hold.arrived;
  await push({ 'src/bad.txt': 'BROKEN\n' }, 'outsider: breaks it');
  hold.release();
  await stopped();
  const worse = await push({ 'src/worse.txt': 'BROKEN too\n' }, 'outsider: worse');
  await patiently(
    refineryStatus,
    (status) => status.stopped?.what.includes(worse.slice(0, 12)) === true && status.tip === worse,
  );
  await push({ 'src/bad.txt': null, 'src/worse.txt': null }, 'outsider: takes it back');
  expect(await handle.result()).toMatchObject({ landed: 1 });
});

test('where the gates were at fault and not the code, `resume` lets the queue go on with the same tip', async () => {
  const hold = town.holds.hold('land');
  const { handle } = await town.launch('storm', [{ id: 'sixth' }]);
  await hold.arrived;
  await writeFile(join(weather, 'outage'), '');
  const tip = await push({ 'src/innocent.txt': 'fine\n' }, 'outsider: innocent');
  hold.release();
  expect((await stopped()).stopped).toMatchObject({
    type: 'BaseRed',
    evidence: expect.stringContaining('weather'),
  });

  // Still so: it looks again, and stops again.
  await refinery().executeUpdate('resume', { args: [{}] });
  await stopped();
  expect(await town.repo.revParse('main')).toBe(tip);

  await rm(join(weather, 'outage'));
  await refinery().executeUpdate('resume', { args: [{}] });
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect((await firstParents()).at(1)).toBe(tip);
});

test('G2: every commit that the town put on main is green in a checkout of its own, and nothing of the outsider is lost', async () => {
  const line = await firstParents();
  expect(line).toEqual(expect.arrayContaining(theirs));
  expect(line.filter((commit) => theirs.includes(commit))).toEqual(theirs.toReversed());

  const folder = await mkdtemp(join(tmpdir(), 'gt-checkout-'));
  try {
    await execa('git', ['clone', '-q', town.repo.path, folder]);
    const ours = line.slice(0, -1).filter((commit) => !theirs.includes(commit));
    // Six beads; two that waited together may have landed as one group.
    expect(ours.length).toBeGreaterThanOrEqual(5);
    for (const commit of ours) {
      await execa('git', ['checkout', '-q', '--detach', commit], { cwd: folder });
      const { exitCode } = await execa('sh', ['check.sh'], { cwd: folder, reject: false });
      expect(exitCode, `gates of ${commit}`).toBe(0);
      expect(await town.repo.git('log', '-1', '--format=%an', commit)).not.toBe('Ada Example');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('G2: the town never forces: each move of main, in the log of the remote, went forward', async () => {
  const moves = (await town.repo.git('reflog', 'show', '--format=%H', 'main')).split('\n').toReversed();
  expect(moves.length).toBeGreaterThanOrEqual(theirs.length + 5);
  for (const [index, commit] of moves.entries()) {
    if (index > 0) await town.repo.git('merge-base', '--is-ancestor', moves[index - 1] ?? '', commit);
  }
});
