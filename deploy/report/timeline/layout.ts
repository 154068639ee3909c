import { type Placed, placed } from './lanes.ts';
import type { Change, Session, Timeline, TimelineCall, TimelineHost } from './timeline.ts';

/** Measures of the picture, in its own pixels. */
export const size = {
  width: 1_200,
  left: 168,
  right: 24,
  /** Title and what it came to. */
  head: 62,
  legendLine: 22,
  axis: 26,
  track: 24,
  lane: 13,
  gap: 3,
  betweenHosts: 18,
  foot: 34,
} as const;

const plot = size.width - size.left - size.right;

/** Wide enough to be seen, where there is room. */
const leastWidth = 1.5;

export interface Bar<T> {
  readonly one: T;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Residency = ({ readonly is: 'session' } & Session) | ({ readonly is: 'change' } & Change);

export interface HostRow {
  readonly host: TimelineHost;
  readonly y: number;
  readonly height: number;
  readonly residency: readonly Bar<Residency>[];
  /** Where the lanes of the slots begin, and how many there are. */
  readonly lanesY: number;
  readonly lanes: number;
  readonly calls: readonly Bar<TimelineCall>[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Where the axis is, and the rows begin and end. */
  readonly axisY: number;
  readonly endY: number;
  readonly rows: readonly HostRow[];
  readonly ticks: readonly { readonly x: number; readonly ms: number }[];
  readonly xOf: (moment: number) => number;
}

/** Where everything goes. Bars of one lane never overlap, and nothing is outside of the picture. */
export const layOut = (timeline: Timeline, legendLines: number): Layout => {
  const { from, to, hosts } = timeline;
  const length = Math.max(1, to - from);
  const xOf = (moment: number): number =>
    size.left + (plot * (Math.min(to, Math.max(from, moment)) - from)) / length;
  const axisY = size.head + legendLines * size.legendLine + size.axis;
  let y = axisY + size.gap * 2;
  const rows = hosts.map((host) => {
    const row = rowOf(host, y, xOf);
    y += row.height + size.betweenHosts;
    return row;
  });
  const endY = y - size.betweenHosts + size.gap;
  return {
    width: size.width,
    height: endY + size.foot,
    axisY,
    endY,
    rows,
    ticks: ticksOf(length, xOf, from),
    xOf,
  };
};

const rowOf = (host: TimelineHost, y: number, xOf: (moment: number) => number): HostRow => {
  const residency = placed<Residency>([
    ...host.sessions.map((one) => ({ is: 'session' as const, ...one })),
    ...host.changes.map((one) => ({ is: 'change' as const, ...one })),
  ]);
  const calls = placed(host.calls);
  const tracks = Math.max(1, lanesOf(residency));
  const lanes = Math.max(host.slots ?? 1, lanesOf(calls), 1);
  const lanesY = y + tracks * (size.track + size.gap);
  const bar =
    (top: number, step: number) =>
    <T extends { readonly from: number; readonly to: number }>({ one, lane, next }: Placed<T>): Bar<T> => {
      const x = xOf(one.from);
      const end = Math.min(Math.max(xOf(one.to), x + leastWidth), xOf(next), size.width - size.right);
      const width = Math.max(0, end - x);
      // Two that follow each other at once are still two.
      const seen = width > 3 ? width - 0.8 : width;
      return { one, x, y: top + lane * (step + size.gap), width: seen, height: step };
    };
  return {
    ...{ host, y, lanesY, lanes },
    height: lanesY - y + lanes * (size.lane + size.gap) - size.gap,
    residency: residency.map(bar(y, size.track)),
    calls: calls.map(bar(lanesY, size.lane)),
  };
};

const lanesOf = (all: readonly { readonly lane: number }[]): number =>
  all.reduce((most, { lane }) => Math.max(most, lane + 1), 0);

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * minute),
  ...[1, 2, 3, 6, 12, 24].map((count) => count * hour),
];
const mostTicks = 12;

const ticksOf = (length: number, xOf: (moment: number) => number, from: number): Layout['ticks'] => {
  const day = 24 * hour;
  const step = steps.find((one) => length / one <= mostTicks) ?? Math.ceil(length / mostTicks / day) * day;
  const count = Math.floor(length / step) + 1;
  return Array.from({ length: count }, (_, index) => ({ ms: index * step, x: xOf(from + index * step) }));
};
