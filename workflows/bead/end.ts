import { ApplicationFailure } from '@temporalio/workflow';
import { type BeadBlocked, type BeadLanded, beadBlocked } from '../domain/bead/bead.ts';
import { type Failure, failureText } from '../domain/failure.ts';
import type { Polecat } from './polecat.ts';

/** Thrown inside the bead's story when it has landed, from whatever depth. Never leaves the workflow. */
export class BeadEnd extends Error {
  readonly landed: BeadLanded;

  constructor(landed: BeadLanded) {
    super(`${landed.bead} landed`);
    this.landed = landed;
  }
}

/** The failure a blocked bead ends with: data for its epic, and something that ALLOW_DUPLICATE_FAILED_ONLY starts again. */
export const blocked = (polecat: Polecat, failure: Failure): ApplicationFailure => {
  const details: BeadBlocked = { state: 'blocked', failure, ...polecat.account() };
  polecat.failure = failure;
  polecat.enter('blocked');
  return ApplicationFailure.create({
    type: beadBlocked,
    message: failureText(failure),
    nonRetryable: true,
    details: [details],
  });
};
