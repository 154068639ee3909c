/** The clock on the wall in a time zone. A day there has 23 to 25 hours, so times of the day are searched for, not added. */

const minute = 60_000;

/** Reads `07:00` or `7:00` as minutes since midnight; undefined for anything else. */
export const parseClock = (text: string): number | undefined => {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hours === undefined || minutes === undefined ? undefined : Number(hours) * 60 + Number(minutes);
};

/** `07:00`, of minutes since midnight. */
export const clockText = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');

/** What clocks show at a moment: minutes since midnight. `zone` is an IANA name. */
export const wallClock = (zone: string): ((at: number) => number) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (at) => parseClock(format.format(at)) ?? 0;
};

/**
 * The first moment after `now` at which clocks show `wanted` (minutes since midnight), epoch ms. On a day that skips that
 * time, the moment of the skip; on one that has it twice, the first.
 */
export const nextClock = (wanted: number, zone: string, now: number): number => {
  const clock = wallClock(zone);
  let at = Math.floor(now / minute) * minute;
  let before = clock(at);
  for (const last = at + 26 * 60 * minute; at < last; ) {
    at += minute;
    const shown = clock(at);
    const passed = minutesFrom(before, shown);
    // More than half a day forward is the hour that autumn puts back.
    const wait = minutesFrom(before, wanted);
    const skipped = passed < 720 && wait > 0 && wait < passed;
    if (shown === wanted || skipped) return at;
    before = shown;
  }
  return at;
};

const minutesFrom = (before: number, after: number): number => (after - before + 1_440) % 1_440;

/** `2026-11-21 22:03`, in a time zone. */
export const dayAndClock = (at: number, zone: string): string =>
  // The Swedish locale writes dates as ISO does.
  new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(at);
