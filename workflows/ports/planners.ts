/** Local activities: decisions that histories hold, so that a better rule replays old ones. */
import type { Submission } from '../domain/queue/submission.ts';

export interface PlannerPort {
  /** The day in the town's time zone, and when it ends (epoch ms). */
  calendarDay(timeZone: string, now: number): Promise<{ readonly day: string; readonly endsAt: number }>;
  /** Which of the waiting submissions the next group is made of. */
  chooseGroup(waiting: readonly Submission[], suspects: readonly string[]): Promise<readonly string[]>;
}
