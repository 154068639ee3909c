import { type NativeConnection, Worker } from '@temporalio/worker';
import type { ModelWorker } from '../activities/models/gate.ts';
import type { ResidencyPort } from '../activities/models/residency.ts';
import { taskQueue } from '../workflows/domain/naming.ts';
import { stoppable } from './stoppable.ts';

/** A plan and those that it takes the place of, whose cancellations are on their way. */
const plans = 8;

/** Makes the Worker by which the holder of a host's lease follows plans of the fleet. */
export const createResidencyWorkers =
  ({ connection, namespace }: { readonly connection: NativeConnection; readonly namespace: string }) =>
  async (host: string, activities: ResidencyPort): Promise<ModelWorker> => {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: taskQueue.residency(host),
      activities: { ...activities },
      maxConcurrentActivityTaskExecutions: plans,
      activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
      maxHeartbeatThrottleInterval: '2s',
      shutdownGraceTime: 0,
      shutdownForceTime: 5_000,
    });
    return stoppable(worker);
  };
