import { ApplicationFailure } from '@temporalio/common';
import { type Failure, failureKinds, isFailureType } from '../../workflows/domain/failure.ts';
import { failure } from '../failure.ts';
import { reason } from './answers.ts';

/** Why the models of a host are not ready, and when to try each again. */
export interface Refusals {
  /** Notes a failure; each in a row doubles the rest before the next try, which is `leastMs` at least. */
  note(model: string, error: unknown, leastMs?: number): void;
  /** The model is ready. */
  clear(model: string): void;
  readonly isResting: (model: string) => boolean;
  /** Milliseconds until the first of them may be tried again; undefined when none rests. */
  readonly nextMs: () => number | undefined;
  readonly list: () => readonly {
    readonly model: string;
    readonly failure: Failure;
    readonly terminal: boolean;
  }[];
}

/** Failures of the host itself, which hold for all its models. */
const ofTheHost: readonly string[] = ['HostDown', 'NotAModelServer', 'HostRefused'];

export const createRefusals = (
  models: readonly string[],
  pace: { readonly retryMs: number; readonly retryMaxMs: number },
): Refusals => {
  const refused = new Map<string, { failure: Failure; tries: number; until: number }>();

  return {
    note: (model, error, leastMs = 0) => {
      const found = asFailure(error);
      for (const key of ofTheHost.includes(found.type) ? models : [model]) {
        const tries = (refused.get(key)?.tries ?? 0) + 1;
        const rest = Math.max(Math.min(pace.retryMs * 2 ** (tries - 1), pace.retryMaxMs), leastMs);
        refused.set(key, { failure: found, tries, until: performance.now() + rest });
      }
    },
    clear: (model) => {
      const own = refused.get(model);
      refused.delete(model);
      if (own === undefined || !ofTheHost.includes(own.failure.type)) return;
      // The host answers again, so its other models need not rest on its account.
      for (const [key, other] of refused) if (ofTheHost.includes(other.failure.type)) refused.delete(key);
    },
    isResting: (model) => (refused.get(model)?.until ?? 0) > performance.now(),
    nextMs: () => {
      const waits = [...refused.values()].map((one) => one.until - performance.now());
      return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
    },
    list: () =>
      [...refused].map(([model, { failure: found }]) => ({
        model,
        failure: found,
        terminal: !failureKinds[found.type].retryable,
      })),
  };
};

const asFailure = (error: unknown): Failure => {
  if (error instanceof ApplicationFailure && isFailureType(error.type)) {
    const [details] = error.details ?? [];
    return isFailure(details)
      ? details
      : failure(error.type, { what: error.message, next: 'Read the log of the worker.' });
  }
  return failure('HostDown', {
    what: 'The host could not be made ready.',
    evidence: reason(error),
    next: 'It is tried again. If it stays so, read the log of the worker.',
  });
};

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'what' in value && 'evidence' in value && 'next' in value;
