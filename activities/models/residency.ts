import { CancelledFailure, cancellationSignal, heartbeat } from '@temporalio/activity';
import type { FollowPlan, ResidencyPort } from '../../workflows/ports.ts';
import { leaseLost } from './lease.ts';
import type { Shift } from './shift.ts';

export type { ResidencyPort } from '../../workflows/ports.ts';

const beatMs = 2_000;

/** The activities of the queue `residency.<host>`, for as long as this process holds the host's lease. */
export const createResidency = (shift: Shift): ResidencyPort => ({
  async followPlan(plan) {
    if (plan.host !== shift.host.name) throw leaseLost('lost');
    const release = shift.plans.follow(plan);
    // What the host is at, for `temporal workflow describe` and the Web UI.
    const beats = setInterval(() => heartbeat(progressOf(shift, plan)), beatMs);
    try {
      await aborted(AbortSignal.any([cancellationSignal(), shift.lease.signal]));
    } finally {
      clearInterval(beats);
      release();
    }
    // No order took its place: whoever gave it may be gone, and a new fleet knows nothing of this host.
    if (shift.plans.newest() === undefined) shift.fleet.forget();
    if (cancellationSignal().aborted) throw new CancelledFailure('another plan is in force');
    throw leaseLost('closed');
  },
});

const progressOf = ({ swap, gates }: Shift, { want }: FollowPlan) => ({
  want,
  open: [...gates.keys()],
  phase: swap?.phase ?? 'serving',
  ...(swap === undefined ? {} : { forMs: Date.now() - swap.since }),
});

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
