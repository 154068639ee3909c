import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { workflowId } from '../../workflows/domain/naming.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';

const bead = 'unlucky';
let town: TestTown;

beforeAll(async () => {
  town = await openTestTown({
    reply: (name) =>
      name === bead
        ? { fault: 'cut', text: `src/${bead}.txt\n\`\`\`\nhalf` }
        : filesReply({ [`src/${name}.txt`]: `${name}\n` }),
    config: (config) => ({ ...config, limits: { ...(config['limits'] as object), bead: { time: '8s' } } }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

interface History {
  readonly events: { readonly eventType: string; eventTime: string }[];
}

const seconds = (text: string): number => Date.parse(text) / 1_000;

/** The same history with other times for its workflow tasks: what a query may leave in a worker's cache has such. */
const withTaskTimes = (history: History, timeOf: (at: number, first: number) => number): History => {
  const first = seconds(history.events[0]?.eventTime ?? '');
  return {
    events: history.events.map((event) =>
      event.eventType === 'EVENT_TYPE_WORKFLOW_TASK_STARTED'
        ? { ...event, eventTime: new Date(timeOf(seconds(event.eventTime), first) * 1_000).toISOString() }
        : event,
    ),
  };
};

test('G7: a bead whose time is used up decides the same again, whenever its workflow tasks are said to have begun', async () => {
  const { handle } = await town.launch('clock', [{ id: bead }]);
  expect(await handle.result()).toMatchObject({ blocked: 1 });
  const line = (await town.epicStatus('clock')).beads.find((one) => one.bead === bead);
  expect(line?.failure).toMatchObject({
    type: 'BudgetExhausted',
    what: 'The bead has used up its time.',
  });

  const id = workflowId.bead({ convoy: 'clock', epic: 'clock', bead });
  const history = JSON.parse(historyToJSON(await town.bead('clock', bead).fetchHistory())) as History;
  for (const timeOf of [
    (at: number) => at,
    // All of it at the time of the first task, late, and each at twice its time.
    (_: number, first: number) => first,
    (at: number) => at + 3_600,
    (at: number, first: number) => first + 2 * (at - first),
  ]) {
    await Worker.runReplayHistory(
      { workflowBundle: { codePath: inject('bundlePath') } },
      historyFromJSON(withTaskTimes(history, timeOf)),
      id,
    );
  }
});

test('an epic looks at the disk again after the same landing, whenever its workflow tasks are said to have begun', async () => {
  const name = 'disk';
  const { handle } = await town.launch(name, [
    { id: 'one' },
    { id: 'two', needs: ['one'] },
    { id: 'three', needs: ['two'] },
  ]);
  await handle.result();
  const id = workflowId.epic(name, name);
  const history = JSON.parse(
    historyToJSON(await town.client.workflow.getHandle(id).fetchHistory()),
  ) as History;
  for (const times of [0, 1, 1_000])
    await Worker.runReplayHistory(
      { workflowBundle: { codePath: inject('bundlePath') } },
      historyFromJSON(withTaskTimes(history, (at, first) => first + times * (at - first))),
      id,
    );
});
