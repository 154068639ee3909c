import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BeadState } from '../../workflows/domain/bead/bead.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { recordHistory } from '../replay/record.ts';
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

const update = (id: string, name: string, argument: object): Promise<unknown> =>
  town.client.workflow.getHandle(id).executeUpdate(name, { args: [argument] });

/** Brings a convoy of one bead, of the same name, to a moment of its life and keeps it there. */
const moments: Readonly<Record<string, (name: string) => Promise<{ go: () => Promise<void> }>>> = {
  async composing(name) {
    const hold = town.holds.hold('composePrompt');
    await town.launch(name, [{ id: name }]);
    await hold.arrived;
    return { go: async () => hold.release() };
  },
  async inferring(name) {
    const gate = Promise.withResolvers<void>();
    waiting.set(name, gate);
    await town.launch(name, [{ id: name }]);
    await town.called(name);
    return {
      go: async () => {
        waiting.delete(name);
        gate.resolve();
      },
    };
  },
  async gates(name) {
    const hold = town.holds.hold('runGates');
    await town.launch(name, [{ id: name }]);
    await hold.arrived;
    return { go: async () => hold.release() };
  },
  async queued(name) {
    const hold = town.holds.hold('examine');
    await town.launch(name, [{ id: name }]);
    await hold.arrived;
    return { go: async () => hold.release() };
  },
};

const stateOf = (name: string, state: BeadState) =>
  eventually(
    () => town.beadStatus(name, name),
    (status) => status.state === state,
  );

describe.each(Object.keys(moments))('while %s', (moment) => {
  const bring = moments[moment] as (typeof moments)[string];

  test('handoff: the step is finished, a note is written, a fresh conversation goes on and lands', async () => {
    const name = `handoff-${moment}`;
    const at = await bring(name);
    await town.bead(name, name).signal('handoff', { reason: 'a fresh mind' });
    await at.go();
    const result = await town.client.workflow.getHandle(workflowId.convoy(name)).result();
    expect(result).toMatchObject({ landed: 1 });
    const status = await town.beadStatus(name, name);
    expect(status).toMatchObject({ state: 'landed' });
    // What was queued lands before anybody has to speak to a model again.
    if (moment !== 'queued') expect(status.conversation).toBe(2);
    await recordHistory(
      town.client,
      workflowId.bead({ convoy: name, epic: name, bead: name }),
      `bead-handed-off${moment === 'inferring' ? '' : `-${moment}`}`,
    );
  });

  test.each(['drain', 'now'] as const)(
    'shutdown (%s): the work is kept and parked; resume goes on from there and lands once',
    async (mode) => {
      const name = `stop-${mode}-${moment}`;
      const at = await bring(name);
      await town.bead(name, name).signal('shutdown', { reason: 'closing time', mode });
      // What is aborted must not need the step to end; what drains does.
      if (mode === 'drain' || moment === 'queued') await at.go();
      const parked = await eventually(
        () => town.beadStatus(name, name),
        ({ state }) => state === 'parked' || state === 'landed',
      );
      await at.go();
      if (parked.state === 'parked') {
        await update(workflowId.epic(name, name), 'retryBead', { bead: name });
      }
      const result = await town.client.workflow.getHandle(workflowId.convoy(name)).result();
      expect(result).toMatchObject({ landed: 1 });
      const merges = await town.repo.git('log', '--format=%s', `--grep=^Bead: ${name}/`, 'main');
      expect(merges.split('\n')).toHaveLength(1);
      if (moment === 'inferring') {
        await recordHistory(
          town.client,
          workflowId.bead({ convoy: name, epic: name, bead: name }),
          mode === 'now' ? 'bead-resumed' : 'bead-resumed-after-drain',
        );
      }
    },
  );
});

test('while parked: handoff is kept for later, shutdown changes nothing, resume goes on', async () => {
  const name = 'parked';
  const at = await moments['inferring']?.(name);
  const first = town.bead(name, name);
  const { runId } = await first.describe();
  await first.signal('shutdown', { reason: 'closing time', mode: 'now' });
  await stateOf(name, 'parked');
  await at?.go();
  await eventually(
    async () => (await town.bead(name, name).describe()).runId,
    (id) => id !== runId,
  );
  await town.bead(name, name).signal('shutdown', { reason: 'again', mode: 'now' });
  await town.bead(name, name).signal('handoff', { reason: 'somebody else' });
  expect(await town.beadStatus(name, name)).toMatchObject({ state: 'parked' });

  expect(await update(workflowId.bead({ convoy: name, epic: name, bead: name }), 'resume', {})).toContain(
    'work',
  );
  expect(await town.client.workflow.getHandle(workflowId.convoy(name)).result()).toMatchObject({ landed: 1 });
  expect((await town.beadStatus(name, name)).conversation).toBe(2);
  await recordParked(name, runId);
});

/** The run that parked ended by continuing as new: a path of its own. */
const recordParked = async (name: string, runId: string): Promise<void> => {
  const { recordRun } = await import('../replay/record.ts');
  await recordRun(
    town.client,
    workflowId.bead({ convoy: name, epic: name, bead: name }),
    runId,
    'bead-parked',
  );
};

test('a bead at work refuses resume, and says so', async () => {
  const at = await moments['inferring']?.('busy');
  await expect(
    update(workflowId.bead({ convoy: 'busy', epic: 'busy', bead: 'busy' }), 'resume', {}),
  ).rejects.toMatchObject({ cause: { message: expect.stringContaining('not parked') as string } });
  await at?.go();
  await town.client.workflow.getHandle(workflowId.convoy('busy')).result();
});

test('G7: a call that is aborted is charged for what it had used', async () => {
  const name = 'charged';
  const at = await moments['inferring']?.(name);
  await town.bead(name, name).signal('shutdown', { reason: 'closing time', mode: 'now' });
  const parked = await stateOf(name, 'parked');
  expect(parked.spent.usage.calls).toBe(1);
  expect(parked.spent.usage.promptTokens).toBeGreaterThan(0);
  await at?.go();
  await update(workflowId.epic(name, name), 'retryBead', { bead: name });
  await town.client.workflow.getHandle(workflowId.convoy(name)).result();
});

test('cancel: the bead withdraws, keeps its work as a ref and leaves nothing else', async () => {
  const name = 'cancelled';
  const at = await moments['gates']?.(name);
  await town.client.workflow.getHandle(workflowId.bead({ convoy: name, epic: name, bead: name })).cancel();
  await at?.go();
  expect(await town.client.workflow.getHandle(workflowId.convoy(name)).result()).toMatchObject({
    cancelled: 1,
  });
  expect(await town.repo.show('main', `src/${name}.txt`)).toBeUndefined();
  await recordHistory(
    town.client,
    workflowId.bead({ convoy: name, epic: name, bead: name }),
    'bead-cancelled',
  );
});

test('a convoy that is cancelled ends only when its beads have put their worktrees away', async () => {
  const name = 'all-cancelled';
  const at = await moments['inferring']?.(name);
  await town.client.workflow.getHandle(workflowId.convoy(name)).cancel();
  await expect(town.client.workflow.getHandle(workflowId.convoy(name)).result()).rejects.toThrow();
  await at?.go();
  const { status } = await town.bead(name, name).describe();
  expect(status.name).toBe('CANCELLED');
  await recordHistory(town.client, workflowId.convoy(name), 'convoy-cancelled');
  await recordHistory(town.client, workflowId.epic(name, name), 'epic-cancelled');
});

test('pause starts nothing new, setMaxParallel and addBeads change a running epic, resume goes on', async () => {
  const name = 'steered';
  const gate = Promise.withResolvers<void>();
  waiting.set('steered-a', gate);
  const { handle } = await town.launch(name, [
    { id: 'steered-a' },
    { id: 'steered-b', needs: ['steered-a'] },
  ]);
  const epic = workflowId.epic(name, name);
  await eventually(
    () => town.epicStatus(name),
    ({ beads }) => beads[0]?.state === 'working',
  );
  await update(epic, 'pause', { reason: 'lunch' });
  gate.resolve();
  await eventually(
    () => town.epicStatus(name),
    ({ beads }) => beads[0]?.state === 'landed',
  );
  expect((await town.epicStatus(name)).beads[1]?.state).toBe('pending');
  expect(await town.client.workflow.getHandle(epic).executeUpdate('setMaxParallel', { args: [2] })).toBe(2);
  await expect(
    town.client.workflow.getHandle(epic).executeUpdate('setMaxParallel', { args: [0] }),
  ).rejects.toThrow();

  const spec = (id: string, needs: string[]) => ({
    id,
    title: id,
    taskRef: 'f'.repeat(64),
    needs,
    files: [],
    gates: [],
    approvedFiles: [],
  });
  await expect(
    town.client.workflow
      .getHandle(epic)
      .executeUpdate('addBeads', { args: [[spec('x', ['y']), spec('y', ['x'])]] }),
  ).rejects.toMatchObject({ cause: { message: expect.stringContaining('cycle') as string } });

  const { createBlobs } = await import('../../activities/ledger/blobs.ts');
  const taskRef = await createBlobs(`${town.config.home}/blobs`).put('TASK-OF-steered-c.\n');
  const added = { ...spec('steered-c', ['steered-b']), taskRef };
  expect(await town.client.workflow.getHandle(epic).executeUpdate('addBeads', { args: [[added]] })).toEqual([
    'steered-c',
  ]);
  await update(epic, 'resume', {});
  expect(await handle.result()).toMatchObject({ landed: 3 });
  await recordHistory(town.client, epic, 'epic-steered');
});
