import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { TendPace } from '../../../activities/models/tend.ts';
import { loadConfig } from '../../../deploy/config/index.ts';
import { hireHostCrew } from '../../../workers/hostCrew.ts';
import type { FleetPace } from '../../../workflows/domain/fleet/fleetPace.ts';

interface Settings {
  readonly address: string;
  readonly namespace: string;
  readonly folder: string;
  /** The town's configuration. */
  readonly file: string;
  readonly fleet: { readonly pace?: Partial<FleetPace> };
  readonly pace: Partial<TendPace>;
}

// The host workers of a town as a process of their own, so that a test can kill it. Says a line on stdout once they poll.
const { address, namespace, folder, file, fleet, pace } = JSON.parse(process.argv[2] ?? '{}') as Settings;
Runtime.install({ logger: new DefaultLogger('ERROR') });
const connect = () => NativeConnection.connect({ address });
const connection = await connect();
const config = await loadConfig(file, { env: {}, homedir: folder, timeZone: 'UTC' });
const { workers } = await hireHostCrew({ connection, connect, namespace, config, graceMs: 500, fleet, pace });
const running = Promise.all(workers.map((worker) => worker.run()));
process.stdout.write('polling\n');
await running;
