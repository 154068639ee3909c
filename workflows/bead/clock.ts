import { stampOf } from '../domain/stamp.ts';

/** The time by which a bead decides. */
export interface Clock {
  /** Whether its time comes from stamps; histories of before there were any go by Temporal's time. */
  readonly isStamped: boolean;
  /** Time that the bead waited for hosts in their quiet hours. */
  restedMs: number;
  /** Epoch ms; never goes back. */
  now(): number;
  /** Takes the time from what a step has answered, and hands that on. */
  heard<T>(answer: T): T;
  /** A timer of so many ms has run out. */
  slept(ms: number): void;
  /** Whether the bead was woken in such hours: then the time until the next stamp is theirs. */
  rests(woken: boolean): void;
}

/**
 * `Date.now()` is the start of the present workflow task, and that is not always the same again: a query that a worker answers from
 * the whole history brings what has happened since the last task, and its handlers then run at the time of that last one. What they
 * decide is kept in the worker's cache and sent with the next task. A replay comes to other times, and with a cap of time between
 * the two to another decision. What is written in answers, and which timers ran out, is the same each time.
 */
export const createClock = (): Clock => {
  let last: number | undefined;
  let resting = false;
  const clock: Clock = {
    get isStamped() {
      return last !== undefined;
    },
    restedMs: 0,
    now: () => last ?? Date.now(),
    heard(answer) {
      const at = stampOf(answer);
      if (at === undefined) return answer;
      const before = last ?? at;
      last = Math.max(before, at);
      if (resting) clock.restedMs += last - before;
      resting = false;
      return answer;
    },
    slept(ms) {
      if (last !== undefined) last += ms;
    },
    rests(woken) {
      resting = woken;
    },
  };
  return clock;
};
