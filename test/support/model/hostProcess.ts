import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { homeAt } from '../../../activities/home.ts';
import { createBlobs } from '../../../activities/ledger/blobs.ts';
import { createTranscripts } from '../../../activities/ledger/transcripts.ts';
import { createHostActivities } from '../../../activities/models/tend.ts';
import type { TendPace } from '../../../activities/models/tendPace.ts';
import { createConcealer } from '../../../activities/secrets/concealer.ts';
import { createModelWorkers } from '../../../workers/modelWorker.ts';
import type { HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';

interface Settings {
  readonly address: string;
  readonly namespace: string;
  readonly root: string;
  readonly host: HostSettings;
  readonly models: readonly ModelSettings[];
  readonly pace: TendPace;
}

// One host's worker as a process of its own, so that a test can kill it. Says a line on stdout once it polls.
const settings = JSON.parse(process.argv[2] ?? '{}') as Settings;
Runtime.install({ logger: new DefaultLogger('ERROR') });
const { address, namespace, root, host, models, pace } = settings;
const connect = () => NativeConnection.connect({ address });
const connection = await connect();
const home = homeAt(root);
const activities = createHostActivities({
  hosts: [host],
  models,
  place: 'home',
  blobs: createBlobs(home.blobs),
  transcript: createTranscripts(home),
  service: connection.workflowService,
  namespace,
  createModelWorker: createModelWorkers({
    ...{ connection, connect, namespace, concealer: createConcealer() },
    identity: `${process.pid}`,
  }),
  report: async () => undefined,
  pace,
});
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue: `host.${host.name}`,
  activities: { ...activities },
  maxHeartbeatThrottleInterval: 100,
});
const run = worker.run();
process.stdout.write('polling\n');
await run;
