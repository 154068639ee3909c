import { InvalidArgumentError } from 'commander';
import { clockText, dayAndClock, nextClock, parseClock } from '../workflows/domain/clock.ts';
import type { Until } from '../workflows/domain/convoy.ts';
import { duration } from './render/amounts.ts';

/** A time of the day for a commander option or argument, in minutes since midnight. */
export const timeOfDay = (text: string): number => {
  const minutes = parseClock(text);
  if (minutes === undefined) throw new InvalidArgumentError('Expected a time of the day such as 07:00.');
  return minutes;
};

/** The same, or `off`. */
export const timeOrOff = (text: string): number | 'off' => (text === 'off' ? 'off' : timeOfDay(text));

/** The next time that clocks in the town's time zone show it. */
export const untilNext = (minutes: number, timeZone: string, now = Date.now()): Until => ({
  ms: nextClock(minutes, timeZone, now),
  clock: clockText(minutes),
});

/** What a person is told of it. */
export const untilText = ({ ms }: Until, timeZone: string, now = Date.now()): string =>
  `At ${dayAndClock(ms, timeZone)} (${timeZone}, in ${duration(ms - now)}) it finishes the turns under way and parks.`;

/** The same of a plan that was approved. Without a configuration, times are those of this machine. */
export const untilLines = (
  until: Until | undefined,
  config: { readonly timeZone: string } | undefined,
): readonly string[] => {
  const zone = config?.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return until === undefined ? [] : [untilText(until, zone)];
};
