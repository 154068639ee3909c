import { WorkflowFailedError, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowId } from '../../workflows/domain/naming.ts';
import type {
  ConvoyStatus,
  HostStatus,
  RefineryStatus,
  TownStatus,
} from '../../workflows/domain/report/report.ts';
import * as messages from '../../workflows/messages.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

let town: TestTown;
/** Calls of these beads wait until the test lets them go. */
const waiting = new Map<string, PromiseWithResolvers<void>>();

beforeAll(async () => {
  town = await openTestTown({
    reply: async (bead) => {
      await waiting.get(bead)?.promise;
      return filesReply({ [`src/${bead}.txt`]: `${bead}\n` });
    },
  });
});
afterAll(() => town[Symbol.asyncDispose]());

const names = (type: 'signal' | 'update'): readonly string[] =>
  Object.values(messages)
    .filter((one) => 'type' in one && one.type === type)
    .map(({ name }) => name);

/** What a person's hand may send: nothing, the wrong thing, and what is nearly right. */
const junk: readonly unknown[] = [
  null,
  5,
  'text',
  true,
  [],
  [null],
  {},
  { reason: 5, mode: 'drain', model: {} },
  { reason: 'x', mode: 'later' },
  { state: 'landed', bead: 'hard/hard/a', spent: null },
  { bead: 'a', state: 'parked', spent: { turns: 'many' } },
  { bead: 'hard/hard/a', attempt: 1, head: 'h', outcome: 'landed' },
  { bead: null, attempt: '1', head: [], workflowId: '' },
  { from: 'hard', workflowId: '', tokens: 1, names: 0 },
  { from: 'hard', workflowId: 'epic/hard/hard', tokens: -1, names: 1e12, day: 5 },
  { from: 'hard', workflowId: 'epic/hard/hard', tokens: 1, names: 0, money: '5', leastMoney: -1 },
  { tokens: '5', names: { length: 1 }, askAgainAt: 1e300 },
  { about: 'me', failure: null },
  { id: 'x', event: 'ended', about: 'all', dueAt: 1e300 },
  { timeZone: 'not a zone', tokensPerDay: 'none', notify: [5] },
  { open: 'm', closed: {} },
  { open: [], closed: [{ model: 'm', failure: 'broken', terminal: 1 }], place: 'home' },
  { epic: ['hard'], usage: 7 },
  { reason: 'x'.repeat(150_000), mode: 'now', model: 'm' },
];

const failedTasks = async (handle: WorkflowHandle): Promise<number> => {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter(({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes)
    .length;
};

const refusalOf = (error: unknown): string => {
  if (!(error instanceof WorkflowUpdateFailedError)) throw error;
  return error.cause?.message ?? '';
};

test('G5: no signal and no update of any wrong shape stops a workflow, or changes what it knows; the convoy lands all', async () => {
  const gate = Promise.withResolvers<void>();
  waiting.set('a', gate);
  const { handle } = await town.launch('hard', [
    { id: 'first' },
    { id: 'a' },
    { id: 'b', needs: ['a'] },
    { id: 'c', needs: ['b', 'first'] },
  ]);
  await eventually(
    () => town.epicStatus('hard'),
    ({ beads }) => beads.some(({ bead, state }) => bead === 'first' && state === 'landed'),
  );
  await town.host.called((call) => JSON.stringify(call.messages).includes('TASK-OF-a.'));
  const branch = town.holds.hold('openSubmission');
  const submission = await town.client.workflow.start('submission', {
    workflowId: workflowId.submission('rig', 'mine'),
    taskQueue: 'town',
    args: [{ rig: 'rig', branch: 'none', name: 'mine' }],
  });
  await branch.arrived;

  const at = (id: string): WorkflowHandle => town.client.workflow.getHandle(id);
  const alive = [
    at(workflowId.town),
    at(workflowId.convoy('hard')),
    at(workflowId.epic('hard', 'hard')),
    town.bead('hard', 'a'),
    at(workflowId.refinery('rig', 'main')),
    at(workflowId.host('host')),
    submission,
  ];
  const known = () =>
    Promise.all([
      at(workflowId.town).query<TownStatus>('townStatus'),
      at(workflowId.host('host')).query<HostStatus>('hostStatus'),
      at(workflowId.refinery('rig', 'main')).query<RefineryStatus>('refineryStatus'),
      town.epicStatus('hard'),
      town.convoyStatus('hard'),
    ]);
  const before = await known();

  for (const name of names('signal').filter((each) => each !== 'submitAgain')) {
    await Promise.all(
      alive.flatMap((one) => [one.signal(name), ...junk.map((wrong) => one.signal(name, wrong))]),
    );
  }
  const refusals: string[] = [];
  // One after another: a workflow takes ten updates at a time.
  for (const name of names('update')) {
    const asked = alive.map((one) => one.executeUpdate(name, { args: [null] }).catch(refusalOf));
    refusals.push(...(await Promise.all(asked)).map(String));
  }
  // In words of the town, not of JavaScript.
  for (const said of refusals) expect(said).not.toMatch(/Cannot |undefined|not a function/);

  expect(await known()).toEqual(before);
  expect(await Promise.all(alive.map(failedTasks))).toEqual(alive.map(() => 0));

  branch.release();
  waiting.delete('a');
  gate.resolve();
  expect(await handle.result()).toMatchObject({ landed: 4, blocked: 0, cancelled: 0, held: 0 });
  expect(await town.repo.show('main', 'src/c.txt')).toBe('c\n');
});

test('G10: an update of a wrong shape is refused with what is wrong and where', async () => {
  const gate = Promise.withResolvers<void>();
  waiting.set('asked', gate);
  const { handle } = await town.launch('asked', [{ id: 'asked' }]);
  await town.host.called((call) => JSON.stringify(call.messages).includes('TASK-OF-asked.'));
  const epic = town.client.workflow.getHandle(workflowId.epic('asked', 'asked'));
  const convoy = town.client.workflow.getHandle(workflowId.convoy('asked'));
  const refused = (one: WorkflowHandle, name: string, argument: unknown): Promise<string> =>
    one.executeUpdate(name, { args: [argument] }).then(() => 'accepted', refusalOf);

  expect(await refused(epic, 'pause', {})).toContain('reason is missing');
  expect(await refused(epic, 'resume', null)).toContain('not an object');
  expect(await refused(epic, 'retryBead', { bead: 5 })).toContain('bead is not a text');
  expect(await refused(epic, 'addBeads', [{ id: '../x' }])).toContain('[0].id');
  expect(await refused(convoy, 'pause', null)).toContain('not an object');
  expect(await refused(convoy, 'setUntil', { until: null })).toContain('until is not an object');
  expect(await refused(town.bead('asked', 'asked'), 'resume', 7)).toContain('not an object');
  gate.resolve();
  expect(await handle.result()).toMatchObject({ landed: 1 });
});

test.each([
  ['nothing', null],
  ['an empty object', {}],
  ['ids out of their folders', { convoy: '../../x', title: 'x', planHash: 'x', epics: [{ id: '../../x' }] }],
])(
  'G10: a convoy that is started by hand with %s fails, and says so where people look',
  async (what, input) => {
    const name = `by-hand-${what.split(' ')[0]}`;
    const handle = await town.client.workflow.start('convoy', {
      workflowId: workflowId.convoy(name),
      taskQueue: 'town',
      args: [input],
    });
    const error: unknown = await handle.result().catch((one: unknown) => one);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    const { cause } = error as WorkflowFailedError;
    expect(cause).toBeInstanceOf(ApplicationFailure);
    expect(cause).toMatchObject({
      type: 'PlanRejected',
      message: expect.stringContaining('Next:') as string,
    });
    const failed = { type: 'PlanRejected', what: expect.stringContaining(name) as string };
    expect(await handle.query<ConvoyStatus>('convoyStatus')).toMatchObject({
      convoy: name,
      state: 'failed',
      failure: failed,
    });
    const { mailbox } = await eventually(
      () => town.client.workflow.getHandle(workflowId.town).query<TownStatus>('townStatus'),
      (found) => found.mailbox.some(({ about }) => about === name),
    );
    expect(mailbox.find(({ about }) => about === name)?.failure).toMatchObject(failed);
  },
);
