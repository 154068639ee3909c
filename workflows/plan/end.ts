import { ApplicationFailure } from '@temporalio/workflow';
import { type Failure, failureText } from '../domain/failure.ts';
import type { PlanDesk } from './desk.ts';

/** The failure that a plan ends with; its status tells it too. */
export const planFailed = (desk: PlanDesk, failure: Failure): ApplicationFailure => {
  desk.failure = failure;
  return ApplicationFailure.create({
    type: failure.type,
    message: failureText(failure),
    nonRetryable: true,
    details: [failure],
  });
};

/** A no to whoever asked by an update, in three parts. */
export const refusal = (failure: Failure): ApplicationFailure =>
  ApplicationFailure.create({
    type: failure.type,
    message: failureText(failure),
    nonRetryable: true,
    details: [failure],
  });

/** A reply, or an edited plan, that is no plan. */
export const unusable = (what: string, faults: readonly string[], next: string): Failure => ({
  type: 'PlanRejected',
  what,
  evidence: faults.slice(0, 12).join('\n').slice(0, 1_900),
  next,
});
