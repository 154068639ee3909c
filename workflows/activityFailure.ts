import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/workflow';
import { clip, type Failure, failureText, isFailureType } from './domain/failure.ts';
import type { Usage } from './domain/host/model.ts';

/** The three-part record that an activity threw, or one made from whatever else ended it. */
export const failureFrom = (error: unknown): Failure => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const details = cause.details?.[0];
    if (isFailure(details)) return details;
  }
  const activity = error instanceof ActivityFailure ? `${error.activityType}: ` : '';
  if (cause instanceof TimeoutFailure) return lostWorker(activity, cause);
  return {
    type: 'GitFailed',
    what: `${activity}the call failed.`,
    evidence: clip(cause instanceof Error ? cause.message : String(cause)),
    next: 'The worker log in the logs folder of the home has the stack.',
  };
};

const lostWorker = (activity: string, { timeoutType, message }: TimeoutFailure): Failure => ({
  type: 'WorkerLost',
  what:
    timeoutType === 'START_TO_CLOSE'
      ? `${activity}the call was not finished in its time.`
      : `${activity}no worker finished the call.`,
  evidence: clip(message),
  next: 'Look for the worker with: gt status; its log is in the logs folder of the home.',
});

/** Of a call that ran out of its start-to-close time: its last heartbeat. Undefined when it ended in any other way. */
export const overdue = (error: unknown): { readonly lastBeat: unknown } | undefined => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof TimeoutFailure) || cause.timeoutType !== 'START_TO_CLOSE') return;
  return { lastBeat: cause.lastHeartbeatDetails };
};

/** The failure that a workflow ends with when an activity failed for good; `note` is told the three-part record. */
export const failedBy = (error: unknown, note: (failure: Failure) => void): ApplicationFailure => {
  const failure = failureFrom(error);
  note(failure);
  return ApplicationFailure.create({
    type: failure.type,
    message: failureText(failure),
    nonRetryable: true,
    details: [failure],
  });
};

/** How long the host that failed a call wants to be left alone, ms. */
export const restOf = (error: unknown): number => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const details: unknown[] = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  const told = details.filter(isRecord).map(({ retryAfterMs }) => retryAfterMs);
  return Math.max(0, ...told.filter((ms) => typeof ms === 'number'));
};

/** What a cancelled or failed call had spent until then, from the details of its end (G7). */
export const usageFrom = (error: unknown): Usage | undefined => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const details =
    cause instanceof CancelledFailure || cause instanceof ApplicationFailure
      ? (cause.details ?? [])
      : // A process that was killed has said in its last beat what it had spent.
        cause instanceof TimeoutFailure
        ? [cause.lastHeartbeatDetails]
        : [];
  return details.map(usageIn).find((usage) => usage !== undefined);
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isFailure = (value: unknown): value is Failure =>
  isRecord(value) &&
  typeof value.what === 'string' &&
  typeof value.type === 'string' &&
  isFailureType(value.type);

const usageIn = (value: unknown): Usage | undefined => {
  if (!isRecord(value) || !isRecord(value.usage)) return;
  const { calls, promptTokens, completionTokens, estimated, money } = value.usage;
  if (typeof calls !== 'number' || typeof promptTokens !== 'number' || typeof completionTokens !== 'number') {
    return;
  }
  const usage = { calls, promptTokens, completionTokens, estimated: estimated === true };
  return typeof money === 'number' ? { ...usage, money } : usage;
};
