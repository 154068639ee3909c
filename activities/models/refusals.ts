import { ApplicationFailure } from '@temporalio/common';
import { type Failure, failureKinds, isFailureType } from '../../workflows/domain/failure.ts';
import { failure } from '../failure.ts';
import { reason } from './answers.ts';

/** Why the models of a host are not ready, and when to try each again. */
export interface Refusals {
  /** Notes a failure; each in a row doubles the rest before the next try, which is `leastMs` at least. */
  note(model: string, error: unknown, leastMs?: number): void;
  /** How often the model has failed in a row. */
  readonly failures: (model: string) => number;
  /** The model is ready. */
  clear(model: string): void;
  /** The host answers: what held for all of its models holds no more, and the next failure is one more in its row. */
  answered(): void;
  readonly isResting: (model: string) => boolean;
  /** Whether a failure of the host itself, which holds for all its models, is to be waited for. */
  readonly hostRests: () => boolean;
  /** Models that nobody should be sent to: they rest, or somebody has to mend something, or the host has not answered since. */
  readonly unusable: () => readonly string[];
  /** Milliseconds until the first of those may be tried again that rested at that moment (`performance.now()`); undefined when none did. */
  readonly nextMs: (since: number) => number | undefined;
  readonly list: () => readonly Refusal[];
}

export interface Refusal {
  readonly model: string;
  readonly failure: Failure;
  readonly terminal: boolean;
  /** Failures in a row. */
  readonly tries: number;
  /** When its rest is over, epoch ms. */
  readonly nextAt: number;
  /** It holds for all models of the host. */
  readonly ofHost: boolean;
}

/** Failures of the host itself, which hold for all its models. */
const ofTheHost: readonly string[] = ['HostDown', 'NotAModelServer', 'HostRefused'];

export const createRefusals = (
  models: readonly string[],
  pace: { readonly retryMs: number; readonly retryMaxMs: number },
): Refusals => {
  const refused = new Map<string, { failure: Failure; until: number; nextAt: number }>();
  /** Failures in a row, by model. */
  const rows = new Map<string, number>();
  const rests = (until: number): boolean => until > performance.now();
  const isTerminal = ({ type }: Failure): boolean => !failureKinds[type].retryable;

  return {
    note: (model, error, leastMs = 0) => {
      const found = asFailure(error);
      for (const key of ofTheHost.includes(found.type) ? models : [model]) {
        const tries = (rows.get(key) ?? 0) + 1;
        rows.set(key, tries);
        // What is the host's fault is over for all models as soon as it answers.
        const least = ofTheHost.includes(found.type) ? 0 : leastMs;
        const rest = Math.max(Math.min(pace.retryMs * 2 ** (tries - 1), pace.retryMaxMs), least);
        refused.set(key, {
          ...{ failure: found, until: performance.now() + rest },
          nextAt: Math.round(Date.now() + rest),
        });
      }
    },
    failures: (model) => rows.get(model) ?? 0,
    clear: (model) => {
      const own = refused.get(model);
      refused.delete(model);
      rows.delete(model);
      if (own === undefined || !ofTheHost.includes(own.failure.type)) return;
      // The host answers again, so its other models need not rest on its account.
      for (const [key, other] of refused) {
        if (!ofTheHost.includes(other.failure.type)) continue;
        refused.delete(key);
        rows.delete(key);
      }
    },
    answered: () => {
      for (const [key, { failure: found }] of refused)
        if (ofTheHost.includes(found.type)) refused.delete(key);
    },
    isResting: (model) => rests(refused.get(model)?.until ?? 0),
    hostRests: () =>
      [...refused.values()].some(
        ({ failure: found, until }) => ofTheHost.includes(found.type) && rests(until),
      ),
    unusable: () =>
      [...refused].flatMap(([model, { failure: found, until }]) =>
        rests(until) || isTerminal(found) || ofTheHost.includes(found.type) ? model : [],
      ),
    nextMs: (since) => {
      // Whose rest was over then has been tried if it was wanted, and nobody has to wake up for it again.
      const waits = [...refused.values()].flatMap(({ until }) =>
        until > since ? until - performance.now() : [],
      );
      return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
    },
    list: () =>
      [...refused].map(([model, { failure: found, nextAt }]) => ({
        ...{ model, failure: found, terminal: isTerminal(found), nextAt },
        tries: rows.get(model) ?? 0,
        ofHost: ofTheHost.includes(found.type),
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
