import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/workflow';
import { clip, type Failure, failureText, isFailureType } from './domain/failure.ts';
import type { Usage } from './domain/model.ts';

/** The three-part record that an activity threw, or one made from whatever else ended it. */
export const failureFrom = (error: unknown): Failure => {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) {
    const details = cause.details?.[0];
    if (isFailure(details)) return details;
  }
  const activity = error instanceof ActivityFailure ? `${error.activityType}: ` : '';
  const lost = cause instanceof TimeoutFailure;
  return {
    type: 'GitFailed',
    what: lost ? `${activity}no worker finished the call.` : `${activity}the call failed.`,
    evidence: clip(cause instanceof Error ? cause.message : String(cause)),
    next: lost
      ? 'Look for the worker with: gt status; its log is in the logs folder of the home.'
      : 'The worker log in the logs folder of the home has the stack.',
  };
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
  const { calls, promptTokens, completionTokens, estimated } = value.usage;
  if (typeof calls !== 'number' || typeof promptTokens !== 'number' || typeof completionTokens !== 'number') {
    return;
  }
  return { calls, promptTokens, completionTokens, estimated: estimated === true };
};
