import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  proxyActivities,
} from '@temporalio/workflow';
import type { HostPort, Infer, InferencePort, TendHost } from '../../../workflows/ports.ts';

/** How a call ended, with what it cost. */
export type CallEnd =
  | { readonly outcome: 'done'; readonly result: Awaited<ReturnType<InferencePort['infer']>> }
  | { readonly outcome: 'cancelled'; readonly details: unknown }
  | { readonly outcome: 'failed'; readonly type: string; readonly details: unknown };

export interface CallModel {
  readonly request: Infer;
  readonly heartbeatMs: number;
  readonly attempts: number;
}

/** One `infer`, as a bead calls it. */
export const callModel = async ({ request, heartbeatMs, attempts }: CallModel): Promise<CallEnd> => {
  const { infer } = proxyActivities<InferencePort>({
    taskQueue: `llm.${request.model}`,
    startToCloseTimeout: 60_000,
    heartbeatTimeout: heartbeatMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: 20, maximumInterval: 200, maximumAttempts: attempts },
  });
  try {
    return { outcome: 'done', result: await infer(request) };
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : error;
    if (cause instanceof CancelledFailure) return { outcome: 'cancelled', details: cause.details };
    if (cause instanceof ApplicationFailure)
      return { outcome: 'failed', type: cause.type ?? '', details: cause.details };
    throw error;
  }
};

/** One lease, as the workflow `host/<host>` holds it. */
export const holdHost = async (request: TendHost & { readonly heartbeatMs: number }): Promise<void> => {
  const { tendHost } = proxyActivities<HostPort>({
    taskQueue: `host.${request.host}`,
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: request.heartbeatMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: 20, maximumInterval: 200 },
  });
  await tendHost({ host: request.host, maxMs: request.maxMs });
};
