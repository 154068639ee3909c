/** Quiet hours: times of the day in which the town leaves a host to its people. */
import { clockText, wallClock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import type { ClockSpan } from './model.ts';
import type { HostObservation } from './residency.ts';

/** Whether a host is quiet, and until when that holds, epoch ms; for ever where there are no quiet hours. */
export interface Hours {
  readonly quiet: boolean;
  readonly until: number;
}

const minute = 60_000;

export const isQuietAt = (spans: readonly ClockSpan[], minuteOfDay: number): boolean =>
  spans.some(({ from, to }) =>
    from < to ? minuteOfDay >= from && minuteOfDay < to : minuteOfDay >= from || minuteOfDay < to,
  );

/** The hours of a host at a moment. Costs some milliseconds: ask again when they are over. */
export const hoursAt = (spans: readonly ClockSpan[], zone: string, now: number): Hours => {
  if (spans.length === 0) return { quiet: false, until: Number.POSITIVE_INFINITY };
  const clock = wallClock(zone);
  const quiet = isQuietAt(spans, clock(now));
  let until = Math.floor(now / minute) * minute + minute;
  // Over a day: spans may cover all of it, or the one hour in question may not exist today.
  for (const last = until + 26 * 60 * minute; until < last; until += minute) {
    if (isQuietAt(spans, clock(until)) !== quiet) break;
  }
  return { quiet, until };
};

/** What is told of models that are not served for the sake of the hours; what a person has to mend goes on being told. */
export const closedWhileQuiet = (
  at: { readonly host: string; readonly zone: string; readonly until: number },
  models: readonly string[],
  closed: HostObservation['closed'],
): HostObservation['closed'] =>
  models.map(
    (key) =>
      closed.find(({ model, terminal }) => model === key && terminal) ?? {
        model: key,
        failure: hostQuiet(at),
        terminal: false,
      },
  );

const hostQuiet = ({ host, zone, until }: Parameters<typeof closedWhileQuiet>[0]): Failure => ({
  type: 'HostQuiet',
  what: `The host ${host} has quiet hours until ${clockText(wallClock(zone)(until))} (${zone}).`,
  evidence: `hosts.${host}.quiet in gastown.yaml; no new call begins until ${new Date(until).toISOString()}.`,
  next: 'Nothing: its beads wait and go on then. To end the quiet hours now, change that line, then `gt down` and `gt up`.',
});
