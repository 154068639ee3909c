import type { Terminal } from './terminal.ts';

type Zoned = Pick<Terminal, 'timeZone'>;

/**
 * A moment on the reader's own clock, as short as it can be told apart: `today 23:10`, `yesterday 07:00`, `Fri 07:00` within a
 * week, else `2026-01-31 07:00`. `at` is epoch ms or ISO 8601; what is no time comes back as it is.
 */
export const localTime = (at: number | string, { timeZone }: Zoned, now = Date.now()): string => {
  const ms = new Date(at).getTime();
  if (Number.isNaN(ms)) return String(at);
  const zone = timeZone ?? ownZone();
  const [there, here] = [partsOf(ms, zone), partsOf(now, zone)];
  const days = Math.round((there.midnight - here.midnight) / dayMs);
  return `${dayText(days, there)} ${there.clock}`;
};

/** The same in a text that has moments as ISO 8601, as those of a workflow do, which knows no reader. */
export const withLocalTimes = (text: string, terminal: Zoned, now = Date.now()): string =>
  text.replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z/g, (at) =>
    localTime(at, terminal, now),
  );

/** With seconds, for logs: `2026-01-31 07:00:59`. */
export const localStamp = (at: number | string, { timeZone }: Zoned): string => {
  const ms = new Date(at).getTime();
  if (Number.isNaN(ms)) return String(at);
  const { date, clock, seconds } = partsOf(ms, timeZone ?? ownZone());
  return `${date} ${clock}:${seconds}`;
};

/** The time zone of this process. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

const dayMs = 24 * 3_600_000;

interface Parts {
  readonly date: string;
  readonly weekday: string;
  readonly clock: string;
  readonly seconds: string;
  /** Of the calendar day, as if it were in UTC: differences are whole days in any zone. */
  readonly midnight: number;
}

const dayText = (days: number, { date, weekday }: Parts): string => {
  if (days === 0) return 'today';
  if (days === -1) return 'yesterday';
  if (days === 1) return 'tomorrow';
  return Math.abs(days) < 7 ? weekday : date;
};

const partsOf = (at: number, zone: string): Parts => {
  const parts = new Map(
    formatIn(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  const date = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
  return {
    ...{
      date,
      weekday: part('weekday'),
      clock: `${part('hour')}:${part('minute')}`,
      seconds: part('second'),
    },
    midnight: Date.parse(`${date}T00:00:00Z`),
  };
};

const formats = new Map<string, Intl.DateTimeFormat>();

const formatIn = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  });
  formats.set(zone, format);
  return format;
};
