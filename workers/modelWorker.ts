import { type NativeConnection, Worker } from '@temporalio/worker';
import type { CreateModelWorker } from '../activities/models/gate.ts';
import type { Concealer } from '../activities/secrets/concealer.ts';
import { concealResults } from './concealment.ts';
import { createLanes, type Lane } from './lanes.ts';
import { stoppable } from './stoppable.ts';

interface Wiring {
  readonly connection: NativeConnection;
  /** Makes a further connection to the same server. */
  readonly connect: () => Promise<NativeConnection>;
  readonly namespace: string;
  /** Shown in the Web UI; one for each process. */
  readonly identity: string;
  readonly concealer: Concealer;
}

/** Longest wait after a drain for calls that do not listen to their cancellation. */
const lastMs = 10_000;

/** Makes the activity-only Workers whose existence is an open gate. Without a bundle one takes 1–12 ms. */
export const createModelWorkers = (wiring: Wiring): CreateModelWorker => {
  const laneFor = createLanes(wiring.connection, wiring.connect);
  return async (order) => {
    const lane = await laneFor(order.taskQueue);
    try {
      const worker = stoppable(await workerOn(lane, wiring, order));
      worker.run.then(lane.free, lane.free).catch(() => undefined);
      return worker;
    } catch (error) {
      await lane.free();
      throw error;
    }
  };
};

const workerOn = (
  { connection }: Lane,
  { namespace, identity, concealer }: Wiring,
  { taskQueue, slots, activities, drainMs }: Parameters<CreateModelWorker>[0],
): Promise<Worker> =>
  Worker.create({
    connection,
    namespace,
    identity: `${identity} ${taskQueue}`,
    taskQueue,
    activities: { ...activities },
    interceptors: { activity: [concealResults(concealer)] },
    maxConcurrentActivityTaskExecutions: slots,
    // No more polls than places: a poll in excess could be handed a call that then waits.
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: slots },
    // So that a cancellation arrives soon; the default of up to a minute leaves a cancelled call running.
    maxHeartbeatThrottleInterval: 2_000,
    shutdownGraceTime: drainMs,
    shutdownForceTime: drainMs + lastMs,
  });
