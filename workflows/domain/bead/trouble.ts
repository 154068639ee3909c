/**
 * What keeps a model from answering a bead. It is the town's trouble and not the bead's: the bead asks again, after a
 * pause that grows, until its own caps end it or its patience with closed hosts does.
 */

import type { Failure, FailureType } from '../failure.ts';
import type { Pace } from '../pace.ts';
import type { Waiting } from './bead.ts';

export interface Trouble {
  readonly model: string;
  /** No host has the model open, as far as the bead has looked. */
  readonly closed: Waiting | undefined;
  readonly failed: FailedCalls | undefined;
}

/** Calls that failed since the last reply; `since` is the end of the first. */
interface FailedCalls extends Waiting {
  readonly calls: number;
  /** How many of them were not finished within `callTimeout`. */
  readonly timeouts: number;
}

/** A model that is too slow for its timeout stays so: more would only cost time and tokens. */
export const mostTimeouts = 3;

const ofTheTown: readonly FailureType[] = [
  'HostDown',
  'HostBusy',
  'ModelNotResident',
  'StreamCut',
  'StreamStalled',
  'FirstTokenTimeout',
  'LeaseLost',
  'CallTimeout',
  'WorkerLost',
];

/** Whether a call that failed so is worth asking again, however often it has failed. */
export const isTrouble = (failure: Failure): boolean => ofTheTown.includes(failure.type);

/** One more call failed. */
export const failedAgain = (before: Trouble | undefined, model: string, last: Waiting): Trouble => {
  const { since, calls, timeouts } = before?.failed ?? { since: last.since, calls: 0, timeouts: 0 };
  const timedOut = last.failure.type === 'CallTimeout' ? 1 : 0;
  const failed = { since, failure: last.failure, calls: calls + 1, timeouts: timeouts + timedOut };
  return { model, closed: before?.closed, failed };
};

/** What a look at the hosts of the model has found; a model that is open again was never closed. */
export const lookedAt = (
  before: Trouble | undefined,
  model: string,
  closed: Waiting | undefined,
): Trouble | undefined => {
  const failed = before?.failed;
  return closed === undefined && failed === undefined ? undefined : { model, closed, failed };
};

/** What people are told that the bead waits for. */
export const waitingFor = (trouble: Trouble | undefined): Waiting | undefined => {
  const found = trouble?.closed ?? trouble?.failed;
  return found && { since: found.since, failure: found.failure };
};

/** Before the next call, ms: doubles with each that failed, up to the time between two looks at the hosts. */
export const pauseAfter = ({ failed }: Trouble, pace: Pace): number =>
  Math.min(pace.retryMs * 2 ** Math.min((failed?.calls ?? 1) - 1, 20), pace.outlookLaterMs);

/** A call that Temporal ended, since the worker had not ended it itself in its time. */
export const callTimeout = (model: string, callTimeoutMs: number, host: string | undefined): Failure => ({
  type: 'CallTimeout',
  what: `A call of the model ${model} was not finished within ${callTimeoutMs} ms.`,
  evidence: host === undefined ? 'No host has said that it took the call.' : `Last seen on the host ${host}.`,
  next: `Raise models.${model}.callTimeout in gastown.yaml (the wait for a slot of the host counts too), lower its maxTokens, or split the bead; then launch the plan again.`,
});
