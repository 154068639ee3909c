import { availableParallelism } from 'node:os';
import { Client } from '@temporalio/client';
import {
  type ActivityInterceptorsFactory,
  type NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { type Counts, createCounts } from '../activities/counts/counts.ts';
import { createGateActivities } from '../activities/gates/gateActivities.ts';
import { createGateRunner } from '../activities/gates/gateRunner.ts';
import { homeAt } from '../activities/home.ts';
import { createBlobs } from '../activities/ledger/blobs.ts';
import { createGateRecords } from '../activities/ledger/gateRecords.ts';
import { createTranscripts } from '../activities/ledger/transcripts.ts';
import { createLive, sweepLive } from '../activities/live/live.ts';
import { createRepositoryMaps } from '../activities/map/index.ts';
import { createAskPlanner, createPlanActivities } from '../activities/mayor/index.ts';
import { createPolecatActivities } from '../activities/polecat/activities.ts';
import { createLandActivities, createRefineryActivities } from '../activities/refinery/index.ts';
import { createRigActivities } from '../activities/rig/index.ts';
import { createComposeSeance } from '../activities/seance/composeSeance.ts';
import { createTownActivities } from '../activities/town/index.ts';
import { createReceipts } from '../activities/town/receipts.ts';
import { createWitnessRig, createWitnessTown } from '../activities/witness/index.ts';
import { fleetFacts } from '../deploy/config/fleetFacts.ts';
import type { TownConfig } from '../deploy/config/index.ts';
import { townSettings } from '../deploy/config/townConfig.ts';
import { readReport, reportPlaces } from '../deploy/report/readReport.ts';
import { home as homePlace, taskQueue } from '../workflows/domain/naming.ts';
import type { Pace } from '../workflows/domain/pace.ts';
import { concealerFor, concealResults } from './concealment.ts';
import { beatFromTimer } from './heartbeat.ts';
import { createPlanReader } from './planReader.ts';
import type { Crew } from './process.ts';
import { stampResults } from './stamps.ts';

export interface TownCrewOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly config: TownConfig;
  /** Path of the workflow bundle. */
  readonly bundle: string;
  readonly graceMs: number;
  readonly stickyMs: number;
  /** Durations for the Refinery; its defaults when undefined. */
  readonly pace?: Pace | undefined;
  /** Around every activity, inside the heartbeat. */
  readonly interceptors?: readonly ActivityInterceptorsFactory[];
}

/** The Workers of a town process: the workflows, and every queue that needs the home's worktrees and repositories. */
export const hireTownCrew = async (options: TownCrewOptions): Promise<Crew> => {
  const { connection, namespace, config } = options;
  const client = new Client({ connection, namespace });
  const home = homeAt(config.home);
  const concealer = concealerFor(config);
  const blobs = createBlobs(home.blobs, concealer);
  const rigs = new Map(config.rigs.map((rig) => [rig.name, rig]));
  const models = new Map(config.models.map((model) => [model.key, model]));
  const counts = countsOf(config);
  const gates = createGateRunner({ home, blobs, counts });
  const rig = createRigActivities({
    ...{ home, rigs, blobs, gates },
    minFreeBytes: config.limits.minFreeBytes,
    counts,
  });
  const maps = createRepositoryMaps(home);
  const polecat = createPolecatActivities({ home, blobs, models, rigs, concealer, maps });
  const gate = createGateActivities({
    ...{ home, rigs, blobs, concealer, maps, runner: gates },
    witnesses: { live: createLive(home, concealer), records: createGateRecords(home, concealer) },
  });
  // What beads that were ended from outside have left to be seen.
  void sweepLive(config.home, Date.now() - 24 * 3_600_000);
  const { mayor } = config;
  const plan = createPlanActivities({
    ...{ home, blobs, rigs, models, gates, mayor },
    tiers: Object.keys(config.ladders),
    plans: createPlanReader(config),
  });
  const transcript = createTranscripts(home, concealer);
  const planner = createAskPlanner({
    ...{ mayor, rigs, blobs },
    transcript,
    env: process.env,
    counts,
  });
  const witness = createWitnessRig({ client, home, rigs });
  const bench = { home, rigs, blobs, runner: gates, counts, slots: testsAtOnce() };
  const refinery = createRefineryActivities(bench);
  const land = createLandActivities(bench);
  const town = createTownActivities({
    client,
    models,
    town: townSettings(config),
    notify: {
      command: config.notify.command,
      webhookEnv: config.notify.webhookEnv,
      receipts: createReceipts(home.notices),
      readReport: (convoy) => readReport({ client, ...reportPlaces(config) }, convoy),
    },
    pace: options.pace,
    fleet: {
      facts: fleetFacts(config.hosts, config.models),
      settings: config.fleet,
    },
  });

  const common = {
    connection,
    namespace,
    shutdownGraceTime: options.graceMs,
    shutdownForceTime: options.graceMs + 3_000,
    // Cancels and heartbeat losses must be noticed in seconds, not in the default minute.
    maxHeartbeatThrottleInterval: '2s',
    interceptors: {
      activity: [beatFromTimer, stampResults, concealResults(concealer), ...(options.interceptors ?? [])],
    },
  } satisfies WorkerOptions | object;
  const queue = (name: string, activities: object, slots: number): Promise<Worker> =>
    Worker.create({
      ...common,
      taskQueue: name,
      activities,
      maxConcurrentActivityTaskExecutions: slots,
      activityTaskPollerBehavior: { type: 'simple-maximum', maximum: Math.min(slots, 2) },
    });

  const cores = availableParallelism();
  // More at once than cores only makes all of them late: in turn, the first is ready when the last has hardly begun.
  const stepsAtOnce = Math.max(4, 2 * cores);
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: taskQueue.town,
      workflowBundle: { codePath: options.bundle },
      activities: {
        ...town,
        ...planner,
        ...createWitnessTown({ client }),
        ...createComposeSeance({ client, blobs, models, transcript }),
      },
      stickyQueueScheduleToStartTimeout: options.stickyMs,
      maxCachedWorkflows: 200,
    }),
    ...config.rigs.flatMap(({ name, tests = testsAtOnce() }) => [
      queue(taskQueue.rig(name, homePlace), { ...rig, ...polecat, ...plan, ...witness }, stepsAtOnce),
      queue(taskQueue.gate(name, homePlace), gate, cores),
      // Beside tests it looks, composes and brings checkouts along.
      queue(taskQueue.refinery(name), refinery, tests + 2),
      queue(taskQueue.land(name), land, 1),
    ]),
  ]);
  return { workers };
};

/** Tests of a rig that the Refinery runs at once: gates have threads of their own, and beads have gates, too. */
const testsAtOnce = (): number => Math.max(1, Math.floor(availableParallelism() / 2));

/** Rigs are there from the start: a figure that appears with its first event has no rate for it. */
const countsOf = ({ rigs }: TownConfig): Counts => {
  const counts = createCounts(Runtime.instance().metricMeter);
  for (const { name: rig } of rigs)
    for (const key of ['beadsStarted', 'beadsLanded', 'beadsCancelled', 'landings'] as const)
      counts.add(key, { rig }, 0);
  return counts;
};
