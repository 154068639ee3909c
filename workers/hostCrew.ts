import { hostname } from 'node:os';
import { Client } from '@temporalio/client';
import { type NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createCounts } from '../activities/counts/counts.ts';
import { homeAt } from '../activities/home.ts';
import { createBlobs } from '../activities/ledger/blobs.ts';
import { createHostLedger } from '../activities/ledger/hostLedger.ts';
import { createTranscripts } from '../activities/ledger/transcripts.ts';
import { createLive } from '../activities/live/live.ts';
import { createHostActivities, type TendPace } from '../activities/models/tend.ts';
import type { TownConfig } from '../deploy/config/index.ts';
import type { FleetPace } from '../workflows/domain/fleet/fleetPace.ts';
import { home as homePlace, taskQueue, workflowId } from '../workflows/domain/naming.ts';
import { concealerFor } from './concealment.ts';
import { createModelWorkers } from './modelWorker.ts';
import type { Crew } from './process.ts';
import { createResidencyWorkers } from './residencyWorker.ts';

export interface HostCrewOptions {
  readonly connection: NativeConnection;
  /** Makes a further connection to the same server. */
  readonly connect: () => Promise<NativeConnection>;
  readonly namespace: string;
  readonly config: TownConfig;
  readonly graceMs: number;
  readonly pace?: Partial<TendPace>;
  /** The input of the workflow `fleet`, which the first report starts. */
  readonly fleet?: { readonly pace?: Partial<FleetPace> };
}

/** One Worker for the lease of each host. The Workers for its models are made and closed by whoever holds the lease. */
export const hireHostCrew = async (options: HostCrewOptions): Promise<Crew> => {
  const { connection, namespace, config } = options;
  const client = new Client({ connection, namespace });
  const home = homeAt(config.home);
  const concealer = concealerFor(config);
  const counts = createCounts(Runtime.instance().metricMeter);
  for (const { name: host } of config.hosts) counts.add('swaps', { host }, 0);
  for (const { key: model } of config.models) counts.add('turns', { model }, 0);
  const activities = createHostActivities({
    hosts: config.hosts,
    models: config.models,
    place: homePlace,
    blobs: createBlobs(home.blobs, concealer),
    transcript: createTranscripts(home, concealer),
    live: createLive(home, concealer),
    ledger: createHostLedger(home, { counts }),
    counts,
    ...(config.targets && { targets: config.targets }),
    service: connection.workflowService,
    namespace,
    createModelWorker: createModelWorkers({
      connection,
      connect: options.connect,
      namespace,
      concealer,
      identity: `${process.pid}@${hostname()}`,
    }),
    report: async (host, observed) => {
      await client.workflow.getHandle(workflowId.host(host)).signal('hostObserved', observed);
    },
    tellFleet: async (report) => {
      await client.workflow.signalWithStart('fleet', {
        workflowId: workflowId.fleet,
        taskQueue: taskQueue.town,
        args: [options.fleet ?? {}],
        signal: 'hostReport',
        signalArgs: [report],
      });
    },
    createResidencyWorker: createResidencyWorkers({ connection, namespace }),
    timeZone: config.timeZone,
    pace: { stopMs: options.graceMs, ...options.pace },
  });
  const workers = await Promise.all(
    config.hosts.map(({ name }) =>
      Worker.create({
        connection,
        namespace,
        taskQueue: taskQueue.host(name),
        activities: { tendHost: activities.tendHost },
        maxConcurrentActivityTaskExecutions: 1,
        activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
        maxHeartbeatThrottleInterval: '2s',
        // The lease is told to end at once, and itself gives the calls under way the grace time.
        shutdownGraceTime: 0,
        shutdownForceTime: options.graceMs + 5_000,
      }),
    ),
  );
  return { workers };
};
