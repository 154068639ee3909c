import type { ApplicationFailure } from '@temporalio/common';
import { fail } from '../failure.ts';

export type LeaseEnd = 'lost' | 'cancelled' | 'released';

/** The right to a host, for as long as the Temporal server has acknowledged it. */
export interface Lease {
  /** Whether no other process can hold it now. To be asked right before anything that touches the host. */
  isFresh(): boolean;
  /** How it ended; undefined while it is held. */
  ended(): LeaseEnd | undefined;
  /** Aborted when it ends in whatever way: touch the host no more. */
  readonly signal: AbortSignal;
  /** Aborted when it was lost: what still runs on the host must end now. */
  readonly lost: AbortSignal;
  /** Stops renewing it. */
  release(): void;
}

export interface LeaseTerms {
  /** The heartbeat timeout of the activity that is the lease, ms. */
  readonly timeoutMs: number;
  /** Renews it at the Temporal server, and resolves with the server's answer. Rejects when the server cannot be reached. */
  readonly renew: (signal: AbortSignal) => Promise<'held' | 'cancelled' | 'lost'>;
}

/**
 * Holds a lease. The SDK reports a lost heartbeat only seconds after the timeout, so this renews it itself and counts from the
 * moment before each acknowledged request: the server's clock started later, so whoever waits for the timeout comes
 * after us. Wall clock and monotonic clock both count, since one stands still while a machine sleeps and the other may jump.
 */
export const holdLease = ({ timeoutMs, renew }: LeaseTerms): Lease => {
  const controller = new AbortController();
  const loss = new AbortController();
  const safeMs = timeoutMs * 0.9;
  let end: LeaseEnd | undefined;
  // The task was handed to us a moment ago, and that counts as the first beat.
  let held = now();

  const finish = (how: LeaseEnd): void => {
    if (end !== undefined) return;
    end = how;
    clearInterval(beats);
    clearTimeout(limit);
    if (how === 'lost') loss.abort(leaseLost(how));
    controller.abort(leaseLost(how));
  };
  const beat = async (): Promise<void> => {
    const asked = now();
    try {
      const answer = await renew(AbortSignal.any([controller.signal, AbortSignal.timeout(timeoutMs)]));
      if (answer !== 'held') return finish(answer);
      if (end !== undefined) return;
      held = asked;
      limit.refresh();
    } catch {
      // Unreachable for now. If it stays so, the limit ends the lease.
    }
  };
  const isFresh = (): boolean => end === undefined && age(held) < safeMs;
  const limit = setTimeout(() => finish('lost'), safeMs);
  const beats = setInterval(() => {
    if (!isFresh()) return finish('lost');
    void beat();
  }, timeoutMs / 4);
  void beat();

  return {
    isFresh,
    ended: () => end,
    signal: controller.signal,
    lost: loss.signal,
    release: () => finish('released'),
  };
};

interface Moment {
  readonly wall: number;
  readonly monotonic: number;
}

const now = (): Moment => ({ wall: Date.now(), monotonic: performance.now() });

const age = (moment: Moment): number =>
  Math.max(Date.now() - moment.wall, performance.now() - moment.monotonic);

/** What a call is told that loses its host. Retryable: another host, or the next lease, takes it. */
export const leaseLost = (how: LeaseEnd | 'closed'): ApplicationFailure =>
  fail('LeaseLost', {
    what: 'The process that served this call had to give up the host.',
    evidence: `lease ${how}`,
    next: 'Nothing: the call is repeated where the model is open.',
  });
