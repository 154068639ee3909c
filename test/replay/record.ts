import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';

export const historiesFolder = fileURLToPath(new URL('./histories/', import.meta.url));

/**
 * Replays the run that a test has just made against the present bundle, and with UPDATE_REPLAY_HISTORIES=1 writes it down,
 * so that later code is held to it. `name` says the path that the history took.
 */
export const recordHistory = (client: Client, workflowId: string, name: string): Promise<void> =>
  recordRun(client, workflowId, undefined, name);

/** The same for one run of a chain. */
export const recordRun = async (
  client: Client,
  workflowId: string,
  runId: string | undefined,
  name: string,
): Promise<void> => {
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  await Worker.runReplayHistory(
    { workflowBundle: { codePath: inject('bundlePath') }, replayName: name },
    history,
    workflowId,
  );
  if (process.env['UPDATE_REPLAY_HISTORIES'] !== '1') return;
  await mkdir(historiesFolder, { recursive: true });
  const record = { workflowId, history: JSON.parse(historyToJSON(history)) as object };
  await writeFile(join(historiesFolder, `${name}.json`), `${withoutTraces(JSON.stringify(record))}\n`);
};

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Where the code lay and who ran it is nobody's business, and no replay looks at it. */
const withoutTraces = (text: string): string =>
  text.replaceAll(repository, '').replaceAll(/\b\d+@[\w.-]+/g, 'worker');
