import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConvoyResult } from '../../workflows/domain/convoy.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { recordHistory } from '../replay/record.ts';
import type { Reply } from '../support/modelHost.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

let town: TestTown;
/** Calls of these beads wait until the test lets them go. */
const waiting = new Map<string, PromiseWithResolvers<void>>();
/** Replies of these beads, one after another; the last one again and again. */
const script = new Map<string, Reply[]>();

beforeAll(async () => {
  town = await openTestTown({
    files: { 'check.sh': check },
    reply: async (bead) => {
      await waiting.get(bead)?.promise;
      const replies = script.get(bead) ?? [];
      return (
        (replies.length > 1 ? replies.shift() : replies[0]) ??
        filesReply({ [`src/${bead}.txt`]: `${bead}\n` })
      );
    },
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

/** Red for BROKEN; runs for ever, and writes into its tree, for SLOW. */
const check = `#!/bin/sh
if grep -rn BROKEN src; then echo "error: something is BROKEN"; exit 1; fi
if grep -rq SLOW src; then while :; do mkdir -p out; date > out/now; sleep 0.02; done; fi
`;

const update = (id: string, name: string, argument: object): Promise<unknown> =>
  town.client.workflow.getHandle(id).executeUpdate(name, { args: [argument] });
const epicOf = (name: string): string => workflowId.epic(name, name);
const beadOf = (name: string, bead = name): string => workflowId.bead({ convoy: name, epic: name, bead });
const resultOf = (name: string): Promise<unknown> =>
  town.client.workflow.getHandle(workflowId.convoy(name)).result();

/** Launches a convoy of one bead and keeps it in its first call. */
const inferring = async (name: string): Promise<() => void> => {
  const gate = Promise.withResolvers<void>();
  waiting.set(name, gate);
  await town.launch(name, [{ id: name }]);
  await town.called(name);
  return () => {
    waiting.delete(name);
    gate.resolve();
  };
};

const lineOf = async (name: string, bead = name) =>
  (await town.epicStatus(name)).beads.find((line) => line.bead === bead);

/** Types of the activity events of a bead's history, in order, as `runGates canceled`. */
const activityEvents = async (id: string): Promise<string[]> => {
  const { events } = await town.client.workflow.getHandle(id).fetchHistory();
  const types = new Map<string, string>();
  return (events ?? []).flatMap((event) => {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      types.set(String(event.eventId), scheduled.activityType?.name ?? '');
      return [`${scheduled.activityType?.name} scheduled`];
    }
    const ended = event.activityTaskCompletedEventAttributes ?? event.activityTaskCanceledEventAttributes;
    const type = ended && types.get(String(ended.scheduledEventId));
    if (!type) return [];
    return [`${type} ${event.activityTaskCanceledEventAttributes ? 'canceled' : 'completed'}`];
  });
};

test('resume that arrives before the park is finished is kept, and the bead goes on', async () => {
  const name = 'early';
  const go = await inferring(name);
  await town.bead(name, name).signal('shutdown', { reason: 'closing time', mode: 'drain' });
  expect(await update(beadOf(name), 'resume', {})).toContain('work');
  go();
  expect(await resultOf(name)).toMatchObject({ landed: 1 });
});

test('a stop after such a resume parks the bead all the same', async () => {
  const name = 'again';
  const go = await inferring(name);
  await town.bead(name, name).signal('shutdown', { reason: 'closing time', mode: 'drain' });
  await update(beadOf(name), 'resume', {});
  await town.bead(name, name).signal('shutdown', { reason: 'really', mode: 'drain' });
  go();
  await eventually(
    () => lineOf(name),
    (line) => line?.state === 'parked',
  );
  await update(epicOf(name), 'retryBead', { bead: name });
  expect(await resultOf(name)).toMatchObject({ landed: 1 });
});

test('an epic that is stopped and resumed at once loses no bead', async () => {
  const name = 'bounce';
  const ids = ['b1', 'b2', 'b3', 'b4', 'b5', 'b6'].map((id) => `${name}-${id}`);
  const gate = Promise.withResolvers<void>();
  for (const id of ids) waiting.set(id, gate);
  const called = ids.map((id) => town.called(id));
  await town.launch(
    name,
    ids.map((id) => ({ id })),
  );
  await Promise.all(called);
  const convoy = town.client.workflow.getHandle(workflowId.convoy(name));
  await convoy.signal('shutdown', { reason: 'wrong key', mode: 'drain' });
  await eventually(
    () => town.epicStatus(name),
    ({ paused }) => paused !== undefined,
  );
  await convoy.executeUpdate('resume', { args: [{}] });
  for (const id of ids) waiting.delete(id);
  gate.resolve();
  expect(await resultOf(name)).toMatchObject({ landed: ids.length });
});

test('a stop that overtakes a resume still stops the bead', async () => {
  const name = 'overtaken';
  const go = await inferring(name);
  await town.bead(name, name).signal('shutdown', { reason: 'closing time', mode: 'now' });
  await eventually(
    () => lineOf(name),
    (line) => line?.state === 'parked',
  );
  const held = town.holds.hold('update');
  await update(epicOf(name), 'retryBead', { bead: name });
  await held.arrived;
  await town.client.workflow
    .getHandle(epicOf(name))
    .signal('shutdown', { reason: 'stay where you are', mode: 'now' });
  await eventually(
    () => town.epicStatus(name),
    ({ paused }) => paused === 'stay where you are',
  );
  held.release();
  await eventually(
    () => lineOf(name),
    (line) => line?.state === 'parked',
    8_000,
  );
  go();
  await update(epicOf(name), 'resume', {});
  expect(await resultOf(name)).toMatchObject({ landed: 1 });
});

test('a resume with an unsound raise is refused, and strands no bead', async () => {
  const name = 'unsound';
  const go = await inferring(name);
  await town.bead(name, name).signal('shutdown', { reason: 'closing time', mode: 'now' });
  await eventually(
    () => lineOf(name),
    (line) => line?.state === 'parked',
  );
  go();
  for (const id of [epicOf(name), workflowId.convoy(name)]) {
    await expect(update(id, 'resume', { raise: { turns: -1 } })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('raise.turns') as string },
    });
  }
  await update(epicOf(name), 'resume', {});
  expect(await resultOf(name)).toMatchObject({ landed: 1 });
});

test('G1: a bead that is cancelled when its landing has begun ends as landed', async () => {
  const name = 'too-late';
  const held = town.holds.hold('land');
  await town.launch(name, [{ id: name }]);
  await held.arrived;
  await town.bead(name, name).cancel();
  held.release();
  expect(await resultOf(name)).toMatchObject({ landed: 1, cancelled: 0 });
  expect((await town.bead(name, name).describe()).status.name).toBe('COMPLETED');
});

test('G5: a cancelled bead clears its place only when its gates have stopped', async () => {
  const name = 'slow-gates';
  script.set(name, [filesReply({ [`src/${name}.txt`]: 'SLOW\n' })]);
  await town.launch(name, [{ id: name }]);
  await eventually(
    () => town.beadStatus(name, name),
    ({ state }) => state === 'gates',
  );
  await town.bead(name, name).cancel();
  expect(await resultOf(name)).toMatchObject({ cancelled: 1 });
  const events = await activityEvents(beadOf(name));
  expect(events.slice(-4)).toEqual([
    'runGates scheduled',
    'runGates canceled',
    'closeBead scheduled',
    'closeBead completed',
  ]);
});

test('G7: what a bead spent before it was retried is charged beside what it spent after', async () => {
  const name = 'twice';
  const reply = (text: string): string => filesReply({ [`src/${name}.txt`]: `${text}\n` });
  script.set(name, ['BROKEN 1', 'BROKEN 2', 'BROKEN 3', 'fine'].map(reply));
  const go = Promise.withResolvers<void>();
  waiting.set('twice-holds', go);
  await town.launch(name, [{ id: name }, { id: 'twice-holds' }]);
  const blocked = await eventually(
    () => lineOf(name),
    (line) => line?.state === 'blocked',
  );
  await update(epicOf(name), 'retryBead', { bead: name });
  const landed = await eventually(
    () => lineOf(name),
    (line) => line?.state === 'landed',
  );
  go.resolve();
  waiting.delete('twice-holds');
  const { usage } = (await resultOf(name)) as {
    usage: { promptTokens: number; completionTokens: number; calls: number };
  };
  const holds = await lineOf(name, 'twice-holds');
  expect(usage.calls).toBe(5);
  expect(usage.promptTokens + usage.completionTokens).toBe(
    (blocked?.tokens ?? 0) + (landed?.tokens ?? 0) + (holds?.tokens ?? 0),
  );
});

test('G5: a bead that is tried again while its epic still notes its end starts again, and its epic does not end before', async () => {
  const name = 'eager';
  const reply = (text: string): string => filesReply({ [`src/${name}.txt`]: `${text}\n` });
  script.set(name, ['BROKEN 1', 'BROKEN 2', 'BROKEN 3', 'fine'].map(reply));
  const noting = town.holds.hold('findLanded', (argument) => isOf(argument, name));
  await town.launch(name, [{ id: name }]);
  await noting.arrived;
  // Whoever looks at the bead sees it blocked, and says so to an epic that does not know it yet.
  expect(await town.beadStatus(name, name)).toMatchObject({ state: 'blocked' });
  expect(await update(epicOf(name), 'retryBead', { bead: name, raise: { turns: 5 } })).toContain('again');
  await expect(update(epicOf(name), 'retryBead', { bead: name })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('again already') as string },
  });
  noting.release();
  expect(await resultOf(name)).toMatchObject({ landed: 1, blocked: 0, usage: { calls: 4 } });
  expect((await town.beadStatus(name, name)).caps.turns).toBe(town.config.limits.caps.turns + 5);
  await recordHistory(town.client, epicOf(name), 'epic-retried-while-it-notes-an-end');
});

const isOf = (argument: unknown, bead: string): boolean =>
  (argument as { bead?: { bead?: string } }).bead?.bead === bead;

test('G7: what a cancelled bead had used is charged', async () => {
  const name = 'gone';
  const go = await inferring(name);
  await town.bead(name, name).cancel();
  const result = (await resultOf(name)) as { usage: { calls: number; promptTokens: number } };
  go();
  expect(result).toMatchObject({ cancelled: 1 });
  expect(result.usage.calls).toBe(1);
  expect(result.usage.promptTokens).toBeGreaterThan(0);
});

test('G10: a note that cannot be written blocks the bead with its reason', async () => {
  const { rm } = await import('node:fs/promises');
  const name = 'noteless';
  script.set(name, [filesReply({ [`src/${name}.txt`]: 'BROKEN\n' })]);
  const second = town.holds.hold('composePrompt', (argument) => (argument as { turn: number }).turn === 2);
  const note = town.holds.hold('writeNote');
  await town.launch(name, [{ id: name }]);
  await second.arrived;
  await town.bead(name, name).signal('shutdown', { reason: 'closing time', mode: 'now' });
  await note.arrived;
  await rm(`${town.config.home}/blobs`, { recursive: true, force: true });
  note.release();
  second.release();
  await resultOf(name);
  const line = await lineOf(name);
  expect(line).toMatchObject({ state: 'blocked', failure: { type: 'BlobMissing' } });
  expect(line?.tokens).toBeGreaterThan(0);
});

test('a convoy that is launched again while its epic still puts worktrees away waits for that and lands everything', async () => {
  const name = 'windingdown';
  await inferring(name);
  const closing = town.holds.hold('closeBead');
  await town.client.workflow.getHandle(workflowId.convoy(name)).terminate('by hand');
  await closing.arrived;
  const { handle } = await town.launch(name, [{ id: name }]);
  await eventually(
    () => activityEvents(workflowId.convoy(name)),
    (events) => events.includes('awaitEnd scheduled'),
  );
  waiting.get(name)?.resolve();
  waiting.delete(name);
  closing.release();
  expect(await handle.result()).toMatchObject({ landed: 1, blocked: 0 });
});

test('G7: what an earlier launch spent on landed beads is not charged again to the next', async () => {
  const name = 'billed';
  script.set('billed-b', [filesReply({ 'src/b.txt': 'BROKEN\n' })]);
  const beads = [{ id: 'billed-a' }, { id: 'billed-b' }];
  const first = (await (await town.launch(name, beads)).handle.result()) as ConvoyResult;
  expect(first).toMatchObject({ landed: 1, blocked: 1 });
  script.set('billed-b', [filesReply({ 'src/b.txt': 'fine\n' })]);
  const second = (await (await town.launch(name, beads)).handle.result()) as ConvoyResult;
  expect(second).toMatchObject({ landed: 2, usage: { calls: 1 } });
});
