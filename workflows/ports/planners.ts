/** Local activities: decisions that histories hold, so that a better rule replays old ones. */
import type { FleetPlan } from '../domain/fleet/fleet.ts';
import type { KnownFleet } from '../domain/fleet/known.ts';
import type { ModelDemand } from '../domain/fleet/status.ts';
import type { Submission } from '../domain/queue/submission.ts';
import type { Decision, QueueState } from '../domain/refinery/screening/queue.ts';

export interface PlannerPort {
  /** The day in the town's time zone, and when it ends (epoch ms). */
  calendarDay(timeZone: string, now: number): Promise<{ readonly day: string; readonly endsAt: number }>;
  /** Which of the waiting submissions the next group is made of. */
  chooseGroup(waiting: readonly Submission[], suspects: readonly string[]): Promise<readonly string[]>;
  /** What a merge queue lands, sends back, cancels and tests now. */
  planQueue(queue: QueueState): Promise<Decision>;
  /** What each host is to hold from now on, by what is known of hosts and of the work to come. */
  planFleet(known: KnownFleet, now: number): Promise<PlannedFleet>;
}

export interface PlannedFleet {
  readonly plan: FleetPlan;
  readonly demand: readonly ModelDemand[];
  /** Hosts that have nothing to choose: their leases need no plan. */
  readonly free: readonly string[];
  /** Hosts of which a person has said something: nothing overrules their orders. */
  readonly firm?: readonly string[];
}
