import { CancelledFailure } from '@temporalio/common';

/** Whether an activity was cancelled by its Worker, which is shutting down, and not by the workflow. `reason` is its signal's. */
export const isWorkerStop = (reason: unknown): boolean =>
  reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';
