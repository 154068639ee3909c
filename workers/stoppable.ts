import type { Worker } from '@temporalio/worker';
import type { ModelWorker } from '../activities/models/gate.ts';

/** Runs a Worker that ends when it is told to, once, however often it is told. */
export const stoppable = (worker: Worker): ModelWorker => {
  const run = worker.run();
  return {
    run,
    async shutdown() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await run;
    },
  };
};
