import { ApplicationFailure } from '@temporalio/common';
import {
  clip,
  type Failure,
  type FailureType,
  failureKinds,
  failureText,
} from '../workflows/domain/failure.ts';

interface FailureInit {
  readonly what: string;
  readonly evidence?: string;
  readonly next: string;
  readonly cause?: unknown;
  /** For answers such as 429 that say when to come again, ms. */
  readonly retryAfterMs?: number;
  /** No repeat can help, although others of this type may pass. */
  readonly final?: boolean;
}

/** The plain record of a failure, with its evidence cut to what a history may carry. */
export const failure = (
  type: FailureType,
  init: Omit<FailureInit, 'cause' | 'retryAfterMs' | 'final'>,
): Failure => ({
  type,
  what: clip(init.what, 500),
  evidence: clip(init.evidence ?? ''),
  next: init.next,
});

/** The error that an activity throws: retryable or not as `failureKinds` says, with the `Failure` as its details. */
export const fail = (type: FailureType, init: FailureInit): ApplicationFailure => {
  const details = failure(type, init);
  return ApplicationFailure.create({
    type,
    message: failureText(details),
    nonRetryable: init.final === true || !failureKinds[type].retryable,
    details: [details],
    ...(init.cause instanceof Error ? { cause: init.cause } : {}),
    ...(init.retryAfterMs === undefined ? {} : { nextRetryDelay: init.retryAfterMs }),
  });
};
