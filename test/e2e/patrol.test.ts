import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { homeAt } from '../../activities/home.ts';
import { ensurePatrols } from '../../deploy/town/patrols.ts';
import { beadKey, gitRef, workflowId } from '../../workflows/domain/naming.ts';
import type { PatrolReport } from '../../workflows/domain/patrol/patrolReport.ts';
import type { TownStatus } from '../../workflows/domain/report/report.ts';
import { recordHistory } from '../replay/record.ts';
import { repoAt } from '../support/repo.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
const broken = new Set<string>();

const reply = (bead: string): string =>
  filesReply({ [`src/${bead}.txt`]: broken.has(bead) ? 'BROKEN\n' : `${bead}\n` });

beforeAll(async () => {
  town = await openTestTown({
    reply,
    // Nothing is too young, so that what is planted now is found now.
    config: (config) => ({
      ...config,
      limits: { bead: { attempts: 3, turns: 3, samples: 1 }, minFreeGiB: 0 },
      models: {
        ...(config['models'] as object),
        absent: { name: 'absent-model', context: 32_768, tier: 'absent', hosts: ['host'] },
      },
      patrol: { every: '24h', silentAfter: '1h', leaveAlone: 0 },
    }),
    // Longer than a test: what a worker took and lost is not given to another one meanwhile.
    pace: { inferHeartbeatMs: 600_000 },
  });
  await ensurePatrols(town.client, town.config);
});
afterAll(async () => {
  await town?.client.schedule.getHandle(workflowId.witness('rig')).delete();
  await town?.[Symbol.asyncDispose]();
});

/** Has the Schedule start a patrol now, and waits for what it reports. */
const patrol = async (): Promise<PatrolReport & { readonly id: string }> => {
  const schedule = town.client.schedule.getHandle(workflowId.witness('rig'));
  const taken = (await schedule.describe()).info.numActionsTaken;
  await schedule.trigger();
  const { info } = await eventually(
    () => schedule.describe(),
    (seen) => seen.info.numActionsTaken > taken,
  );
  const action = info.recentActions.at(-1)?.action;
  if (action?.type !== 'startWorkflow') throw new Error('no patrol was started');
  const { workflowId: id, firstExecutionRunId: runId } = action.workflow;
  expect(id).toMatch(/^witness\/rig-/);
  return { ...((await town.client.workflow.getHandle(id, runId).result()) as PatrolReport), id };
};

const home = () => homeAt(town.config.home);
const bare = () => repoAt(home().repo('rig'));
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
const refs = async (): Promise<readonly string[]> =>
  (await bare().git('for-each-ref', '--format=%(refname)')).split('\n');

/** A worktree with its branch, as a bead whose workflow was terminated leaves it. */
const plant = async (bead: string): Promise<{ path: string; head: string }> => {
  const ref = { convoy: 'left', epic: 'left', bead };
  const path = home().worktree('rig', ref);
  const tip = await bare().revParse('refs/remotes/origin/main');
  await bare().git('update-ref', gitRef.base(ref), tip);
  await bare().git('update-ref', gitRef.bead(ref), tip);
  await mkdir(join(path, '..'), { recursive: true });
  await bare().git('worktree', 'add', '--quiet', path, `gt/${beadKey(ref)}`);
  const head = await bare().commitTo(`gt/${beadKey(ref)}`, { [`src/${bead}.txt`]: 'work\n' }, `Do ${bead}`);
  await repoAt(path).git('reset', '--hard', '--quiet');
  return { path, head };
};

test('G5: worktrees, branches, claims and processes of the dead are cleared, and work that is nowhere else is kept', async () => {
  expect(await (await town.launch('first', [{ id: 'one' }])).handle.result()).toMatchObject({ landed: 1 });
  const { path, head } = await plant('gone');
  const empty = { convoy: 'left', epic: 'left', bead: 'empty' };
  await bare().git('update-ref', gitRef.bead(empty), head);
  await bare().git('update-ref', gitRef.base(empty), head);
  await writeFile(join(path, 'uncommitted.txt'), 'not in any commit\n');
  // A claim, a run and a daemon of a worker that was killed.
  const dead = spawn('true');
  await once(dead, 'exit');
  const holder = join(town.folder, 'holder');
  await writeFile(holder, JSON.stringify({ pid: dead.pid, born: '1', nonce: 'x' }));
  const claim = await bare().git('hash-object', '-w', holder);
  await bare().git('update-ref', 'refs/gt/slot/63', claim);
  const run = join(home().scratch, `${dead.pid}-abc`);
  await mkdir(join(run, 'home'), { recursive: true });
  const stray = spawn('sleep', ['600'], { cwd: path, env: { ...process.env, HOME: join(run, 'home') } });
  const ended = once(stray, 'exit');
  // A patrol that was killed between the two halves of a removal.
  const aside = join(home().repo('rig'), '..', 'aside', 'half.1234');
  await mkdir(join(aside, 'src'), { recursive: true });

  const report = await patrol();
  expect(report.repaired.join('\n')).toMatch(/worktree left\/left\/gone.*uncommitted\.txt.*kept as/);
  expect(report.repaired.join('\n')).toContain('branch refs/heads/gt/left/left/gone');
  expect(report.repaired.join('\n')).toContain('claim on test slot 63');
  expect(await exists(path)).toBe(false);
  await ended;
  expect(await exists(run)).toBe(false);
  expect(await exists(aside)).toBe(false);
  const left = await refs();
  expect(left.filter((name) => name.startsWith('refs/heads/gt/'))).toEqual([]);
  expect(left.filter((name) => name.startsWith('refs/gt/base/'))).toEqual([]);
  const kept = gitRef.kept({ convoy: 'left', epic: 'left', bead: 'gone' }, `closed-${head.slice(0, 12)}`);
  expect(await bare().revParse(kept)).toBe(head);
  const odd = left.find((name) => name.includes('/gone/left-'));
  expect(await bare().git('show', `${odd}:uncommitted.txt`)).toBe('not in any commit');
  expect(left.some((name) => name.includes('/empty/'))).toBe(false);
  // A second look finds nothing more to do.
  expect(await patrol()).toMatchObject({ repaired: [], findings: [], nudged: [] });
  await recordHistory(town.client, report.id, 'witness-patrol');
});

test('nothing living is touched: a patrol at any moment of a bead finds nothing, and the bead lands', async () => {
  const moments = [
    'openBead',
    'composePrompt',
    'applyReply',
    'runGates',
    'submit',
    'examine',
    'testGroup',
    'land',
    'closeBead',
  ];
  const id = { convoy: 'watched', epic: 'watched', bead: 'seen' };
  const isIts = (argument: unknown): boolean => JSON.stringify(argument).includes('seen');
  const any = ['examine', 'testGroup', 'land', 'submit'];
  const doors = moments.map((name) => town.holds.hold(name, any.includes(name) ? undefined : isIts));
  const { handle } = await town.launch('watched', [{ id: id.bead }]);
  for (const door of doors) {
    await door.arrived;
    const seen = await patrol();
    door.release();
    expect(seen).toMatchObject({ repaired: [], findings: [], nudged: [] });
  }
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(await patrol()).toMatchObject({ repaired: [], findings: [] });
});

test('G5: a patrol that is killed while it clears leaves nothing half done that the next one does not finish', async () => {
  const { path, head } = await plant('torn');
  const door = town.holds.hold('repairRig');
  const schedule = town.client.schedule.getHandle(workflowId.witness('rig'));
  const taken = (await schedule.describe()).info.numActionsTaken;
  await schedule.trigger();
  await door.arrived;
  const { info } = await eventually(
    () => schedule.describe(),
    (seen) => seen.info.numActionsTaken > taken,
  );
  const action = info.recentActions.at(-1)?.action;
  if (action?.type !== 'startWorkflow') throw new Error('no patrol was started');
  await town.client.workflow.getHandle(action.workflow.workflowId).terminate('killed');
  door.release();
  await patrol();
  expect(await exists(path)).toBe(false);
  const ref = { convoy: 'left', epic: 'left', bead: 'torn' };
  expect(await refs()).not.toContain(gitRef.bead(ref));
  expect(await bare().revParse(gitRef.kept(ref, `closed-${head.slice(0, 12)}`))).toBe(head);
});

test('a bead that is started again under the same id is left alone at once, with the branch that it begins anew', async () => {
  broken.add('again');
  const first = await town.launch('twice', [{ id: 'again' }]);
  expect(await first.handle.result()).toMatchObject({ blocked: 1 });
  broken.delete('again');
  const isIts = (argument: unknown): boolean => JSON.stringify(argument).includes('again');
  const open = town.holds.hold('openBead', isIts);
  const compose = town.holds.hold('composePrompt', isIts);
  const { handle } = await town.launch('twice', [{ id: 'again' }]);
  for (const door of [open, compose]) {
    await door.arrived;
    expect(await patrol()).toMatchObject({ repaired: [], findings: [] });
    door.release();
  }
  expect(await handle.result()).toMatchObject({ landed: 1 });
});

test('G7: a parked bead keeps its worktree, and one that a cap ended keeps its branch, whatever patrols come by', async () => {
  const compose = town.holds.hold('composePrompt', (argument) => JSON.stringify(argument).includes('rests'));
  await town.launch('still', [{ id: 'rests' }]);
  await compose.arrived;
  await town.bead('still', 'rests').signal('shutdown', { reason: 'stop', mode: 'drain' });
  compose.release();
  await eventually(
    () => town.beadStatus('still', 'rests'),
    ({ state }) => state === 'parked',
  );
  broken.add('capped');
  const { handle } = await town.launch('caps', [{ id: 'capped' }]);
  expect(await handle.result()).toMatchObject({ blocked: 1 });

  expect(await patrol()).toMatchObject({ repaired: [], findings: [] });
  expect(await exists(home().worktree('rig', { convoy: 'still', epic: 'still', bead: 'rests' }))).toBe(true);
  expect(await refs()).toContain('refs/heads/gt/caps/caps/capped');
  await town.client.workflow
    .getHandle(workflowId.epic('still', 'still'))
    .executeUpdate('resume', { args: [{}] });
  await eventually(
    () => town.beadStatus('still', 'rests'),
    ({ state }) => state === 'landed',
  );
});

test('a bead whose worker is silent is asked to hand over three times; then its person hears of it, once', async () => {
  const { patrol: before } = town.config;
  await ensurePatrols(town.client, {
    ...town.config,
    hosts: [],
    patrol: { everyMs: 86_400_000, leaveAloneMs: 0, ...before, silentAfterMs: 500 },
  });
  await town.launch('hangs', [{ id: 'lost', tier: 'absent' }]);
  // A worker that takes the call and is never heard again.
  const { connection } = town.client;
  const taken = await connection.withDeadline(Date.now() + 60_000, () =>
    town.client.workflowService.pollActivityTaskQueue({
      namespace: town.client.options.namespace,
      taskQueue: { name: 'llm.absent' },
      identity: 'lost',
    }),
  );
  expect(taken.activityId).not.toBe('');
  const silent = await eventually(patrol, ({ nudged }) => nudged.length > 0);
  expect(silent.nudged).toEqual(['hangs/hangs/lost']);
  expect((await patrol()).nudged).toEqual(['hangs/hangs/lost']);
  expect((await patrol()).nudged).toEqual(['hangs/hangs/lost']);
  const told = await patrol();
  expect(told).toMatchObject({ nudged: [], findings: [{ about: 'hangs/hangs/lost' }] });
  const history = await town.bead('hangs', 'lost').fetchHistory();
  const handoffs = (history.events ?? []).filter(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'handoff',
  );
  expect(handoffs).toHaveLength(3);

  const letters = async () =>
    (await town.client.workflow.getHandle('town').query<TownStatus>('townStatus')).mailbox.filter(
      ({ about }) => about === 'hangs/hangs/lost',
    );
  const [letter] = await eventually(letters, ({ length }) => length === 1);
  expect(letter?.failure.type).toBe('BeadSilent');
  await town.client.workflow.getHandle('town').executeUpdate('clearMail', { args: [[letter?.id]] });
  expect((await patrol()).findings).toHaveLength(1);
  expect(await letters()).toEqual([]);
});

test('a rig that leaves the configuration has no patrols any more, and one that a person paused stays so', async () => {
  const schedule = town.client.schedule.getHandle(workflowId.witness('rig'));
  await schedule.pause('by hand');
  const [rig] = town.config.rigs;
  if (rig === undefined) throw new Error('no rig');
  await ensurePatrols(town.client, { ...town.config, rigs: [rig, { ...rig, name: 'other' }] });
  expect((await schedule.describe()).state.paused).toBe(true);
  const ids = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { scheduleId } of town.client.schedule.list()) found.push(scheduleId);
    return found.toSorted();
  };
  await eventually(ids, (found) => found.join(' ') === 'witness/other witness/rig');
  await ensurePatrols(town.client, town.config);
  await eventually(ids, (found) => found.join(' ') === 'witness/rig');
});
