import { condition, isCancellation } from '@temporalio/workflow';
import { failureFrom } from '../activityFailure.ts';
import { defaultPace, type Pace } from '../domain/pace.ts';
import type { UpstreamStatus } from '../domain/queue/upstream.ts';
import type { Forwarded } from '../ports.ts';

/** What a run hands to the next. */
export interface Followed {
  readonly status: UpstreamStatus | undefined;
  readonly waitMs: number;
}

export interface FollowerParts {
  readonly upstream: string;
  readonly pace: Pace;
  readonly carried: Followed | undefined;
  readonly look: () => Promise<Forwarded>;
  /** Called when the status may have changed. */
  readonly changed: () => void;
}

/** Keeps a person's checkout up to what lands beside it, behind the queue's back: no landing ever waits for it. */
export interface Follower {
  status(): UpstreamStatus | undefined;
  /** Something landed: looks, and again while something is in the way. */
  follow(): void;
  /** Goes on where the run before left. */
  goOn(): void;
  /** Looks no more; resolves when nothing is under way. */
  leave(): Promise<Followed>;
}

export const createFollower = ({ upstream, pace, carried, look, changed }: FollowerParts): Follower => {
  const first = pace.followFirstMs ?? defaultPace.followFirstMs ?? 5_000;
  const longest = pace.followLaterMs ?? defaultPace.followLaterMs ?? 300_000;
  let status = carried?.status;
  let wait = carried?.waitMs ?? first;
  let landings = 0;
  let isAtWork = false;
  let isLeaving = false;

  const work = async (isNew: boolean): Promise<void> => {
    isAtWork = true;
    try {
      for (let looksNow = isNew; !isLeaving; ) {
        const seen = landings;
        if (looksNow) {
          status = await statusNow();
          changed();
          if (seen !== landings) continue;
          if (status?.behind === undefined) return;
        }
        // Whoever commits or puts away their changes need not tell us.
        const woken = await condition(() => landings !== seen || isLeaving, wait, {
          summary: 'look at the checkout again',
        });
        looksNow = true;
        if (!isLeaving) wait = woken ? first : Math.min(2 * wait, longest);
      }
    } finally {
      isAtWork = false;
    }
  };

  const start = (isNew: boolean): void => {
    // A cancelled run has nobody to bring along; its own end says why.
    if (!isAtWork) void work(isNew).catch(() => undefined);
  };

  const statusNow = async (): Promise<UpstreamStatus | undefined> => {
    try {
      const found = await look();
      if (found.outcome === 'theirs') return;
      return { branch: upstream, behind: found.outcome === 'behind' ? found.behind : undefined };
    } catch (error) {
      if (isCancellation(error)) throw error;
      const { what, evidence, next } = failureFrom(error);
      return { branch: upstream, behind: { what, evidence, next } };
    }
  };

  return {
    status: () => status,
    follow() {
      landings++;
      start(true);
    },
    goOn() {
      if (status?.behind !== undefined) start(false);
    },
    async leave() {
      isLeaving = true;
      await condition(() => !isAtWork);
      return { status, waitMs: wait };
    },
  };
};
