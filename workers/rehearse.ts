import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Runtime, Worker } from '@temporalio/worker';
import { loadConfig } from '../deploy/config/index.ts';
import { ensureBundle } from './bundle.ts';
import { connectionOf } from './connection.ts';
import { createLogger, temporalLogger } from './log.ts';
import { workerSettings } from './settings.ts';

/**
 * Replays every open workflow of the town on the present code, before any worker serves it: a history that the code no
 * longer fits would otherwise stop its workflow in the middle of the night. Prints a line of JSON for each that fails,
 * `{"workflowId","why"}`, and at last `{"checked"}`.
 */
const rehearse = async (): Promise<void> => {
  const settings = workerSettings(process.argv.slice(2));
  Runtime.install({ logger: temporalLogger(createLogger('rehearsal')), shutdownSignals: [] });
  const config = await loadConfig(settings.config);
  const connection = await Connection.connect(connectionOf(settings, config));
  const client = new Client({ connection, namespace: settings.namespace });
  const bundle = { workflowBundle: { codePath: await ensureBundle(join(settings.home, 'bundles')) } };
  const open = client.workflow
    .list({ query: 'ExecutionStatus = "Running"' })
    .intoHistories({ concurrency: 4 });
  let checked = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories(bundle, open)) {
    checked++;
    if (error !== undefined) say({ workflowId, why: error.message });
  }
  say({ checked });
  await connection.close();
};

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

await rehearse();
process.exit(0);
