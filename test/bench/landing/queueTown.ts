import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createLandActivities, createRefineryActivities } from '../../../activities/refinery/index.ts';
import { planners } from '../../../activities/town/planners.ts';
import { startDevServer } from '../../../deploy/server/devServer.ts';
import { ensureTemporal } from '../../../deploy/setup/temporal.mjs';
import { taskQueue, workflowId } from '../../../workflows/domain/naming.ts';
import type { Verdict } from '../../../workflows/domain/queue/submission.ts';
import { submit } from '../../../workflows/messages.ts';
import type { RefineryTown } from '../../activities/refinery/town.ts';
import type { Planted } from './branches.ts';

export interface Landed {
  /** From the first submission to the last verdict, ms. */
  readonly ms: number;
  readonly verdicts: readonly Verdict[];
  /** Events of all runs of the queue's workflow. */
  readonly events: number;
  /** What these take, bytes. */
  readonly bytes: number;
  readonly runs: number;
}

/** Submits all branches to the real workflow on a server of its own, and waits for all verdicts. */
export const landAll = async (
  town: RefineryTown,
  planted: readonly Planted[],
  slots: number,
): Promise<Landed> => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const folder = await mkdtemp(join(tmpdir(), 'gastown-landing-'));
  const binary = process.env['GASTOWN_TEMPORAL_CLI'] ?? (await ensureTemporal());
  const server = await startDevServer({
    ...{ binary, namespace: 'landing', ui: false },
    logFile: join(folder, 'temporal.log'),
  });
  const connection = await NativeConnection.connect({ address: server.address });
  const ears = await Connection.connect({ address: server.address });
  const common = { connection, namespace: 'landing', maxHeartbeatThrottleInterval: '2s' } as const;
  const workers = await Promise.all([
    Worker.create({
      ...{ ...common, taskQueue: taskQueue.town, activities: planners },
      workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
    }),
    Worker.create({
      ...{ ...common, taskQueue: taskQueue.refinery('rig') },
      activities: createRefineryActivities(town.deps),
      maxConcurrentActivityTaskExecutions: slots + 2,
    }),
    Worker.create({
      ...{ ...common, taskQueue: taskQueue.land('rig'), activities: createLandActivities(town.deps) },
      maxConcurrentActivityTaskExecutions: 1,
    }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  try {
    const client = new Client({ connection: ears, namespace: 'landing' });
    const heard = await Promise.all(
      planted.map(({ submission }) =>
        client.workflow.start('ear', { taskQueue: taskQueue.town, workflowId: submission.workflowId }),
      ),
    );
    const id = workflowId.refinery('rig', 'main');
    const begun = performance.now();
    await Promise.all(
      planted.map(({ submission }) =>
        client.workflow.signalWithStart('refinery', {
          ...{ workflowId: id, taskQueue: taskQueue.town, args: [town.target] },
          ...{ signal: submit, signalArgs: [submission] },
        }),
      ),
    );
    const verdicts: Verdict[] = await Promise.all(heard.map((one) => one.result()));
    const ms = performance.now() - begun;
    let [events, bytes, runs] = [0, 0, 0];
    for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${id}'` })) {
      // What the list says of a run that goes on is no length.
      const { historyLength, historySize = 0 } = await client.workflow.getHandle(id, runId).describe();
      events += historyLength;
      bytes += historySize;
      runs += 1;
    }
    return { ms, verdicts, events, bytes, runs };
  } finally {
    for (const worker of workers) worker.shutdown();
    await running;
    await connection.close();
    await ears.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
