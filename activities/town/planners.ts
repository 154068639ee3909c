import { chooseGroup } from '../../workflows/domain/queue/mergeQueue.ts';
import { plan } from '../../workflows/domain/refinery/screening/plan.ts';
import type { PlannerPort } from '../../workflows/ports.ts';

/** Decisions as local activities: histories hold what was decided, so that a better rule replays old ones. */
export const planners: Omit<PlannerPort, 'planFleet'> = {
  async calendarDay(timeZone, now) {
    const zone = isZone(timeZone) ? timeZone : 'UTC';
    const day = dayIn(zone, now);
    return { day, endsAt: endOfDay(zone, now, day) };
  },

  async planQueue(queue) {
    return plan(queue);
  },

  async chooseGroup(waiting, suspects) {
    return chooseGroup(waiting, suspects);
  },
};

/** One that was sent by hand may be no zone at all: the town must grant tokens all the same. */
const isZone = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone }).format(0);
    return true;
  } catch {
    return false;
  }
};

const dayIn = (timeZone: string, at: number): string =>
  // The Swedish locale writes dates as ISO does.
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);

/** First minute of the next day in that zone, epoch ms. A day has 23 to 25 hours: search, do not add. */
const endOfDay = (timeZone: string, now: number, day: string): number => {
  const minute = 60_000;
  let early = Math.floor(now / minute) * minute;
  let late = early + 26 * 60 * minute;
  while (late - early > minute) {
    const middle = Math.floor((early + late) / 2 / minute) * minute;
    if (dayIn(timeZone, middle) === day) early = middle;
    else late = middle;
  }
  return late;
};
