import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { expect, inject, test } from 'vitest';
import { historiesFolder } from './record.ts';

const bundle = () => ({ workflowBundle: { codePath: inject('bundlePath') } });

const read = async (file: string): Promise<{ workflowId: string; history: Record<string, unknown> }> =>
  JSON.parse(await readFile(join(historiesFolder, file), 'utf8')) as never;

const files = (await readdir(historiesFolder)).filter((file) => file.endsWith('.json')).sort();

/** The paths that must stay replayable, whatever else is recorded: of beads first, then of those around them. */
const paths = [
  'bead-landed-at-once',
  'bead-repaired',
  'bead-sent-back-and-rebased',
  'bead-blocked',
  'bead-handed-off',
  'bead-parked',
  'bead-resumed',
  'bead-nothing-to-change',
  'bead-cancelled',
  'epic-relaunched',
  'convoy-refused',
  'convoy-cancelled',
  'plan-approved',
  'submission-landed',
  'refinery',
  'refinery-with-a-checkout',
  'refinery-screened',
  'refinery-screened-with-a-checkout',
  'town',
  'host',
];

test('there is a history of every path that a bead can take, and of every workflow', () => {
  const names = files.map((file) => file.replace(/\.json$/, ''));
  expect(names).toEqual(expect.arrayContaining(paths));
});

test.each(files)('%s replays on the present code', async (file) => {
  const { workflowId, history } = await read(file);
  await Worker.runReplayHistory(bundle(), historyFromJSON(history), workflowId);
});

test('a changed workflow is caught: the check can fail', async () => {
  const { workflowId, history } = await read('bead-landed-at-once.json');
  const changed = JSON.parse(
    JSON.stringify(history).replaceAll('"composePrompt"', '"composeSomethingElse"'),
  ) as object;
  await expect(Worker.runReplayHistory(bundle(), historyFromJSON(changed), workflowId)).rejects.toThrow(
    DeterminismViolationError,
  );
});
