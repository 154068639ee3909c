import type { Rule, Simulation } from './simulate.ts';
import { worldNow } from './start.ts';
import type { World } from './world.ts';

/** What each host is told at this moment: the number of a residency, `stay`, or nothing, so that the base rule decides. */
export type Orders = readonly (number | undefined)[];

export const stay = -1;

/** How work ends under some orders, once for each draw of lengths, ms from now. */
export type Ends = Float64Array;

/** Tries orders by simulating all known work to its end, with the base rule for everything that comes later. */
export interface Trials {
  readonly draws: number;
  /** Events of one run under the base rule alone. */
  readonly runEvents: number;
  try(orders: Orders): Ends;
  /** What hosts begin at this moment under orders: by host the number of the residency, or -1. */
  begun(orders: Orders): Int32Array;
}

/** Between plans that end at the same time the one with fewer swaps is better; a swap costs what the lengths do not tell. */
const swapMs = 60;
/** A stage that cannot end. */
export const neverMs = 1e12;
const mostEvents = 20_000;

/** As many draws as a budget of events allows for so many trials, at most `most`; one where nothing is uncertain. */
export const trialsOf = (
  simulation: Simulation,
  base: Rule,
  { events, trials, most }: { readonly events: number; readonly trials: number; readonly most: number },
): Trials => {
  const { problem } = simulation;
  const means = worldNow(problem);
  simulation.run(means, base, mostEvents);
  const runEvents = Math.max(1, simulation.events);
  const certain = problem.spread.every((spread) => spread === 0);
  const affordable = Math.floor(events / (runEvents * Math.max(1, trials)));
  const draws = certain ? 1 : Math.max(1, Math.min(most, affordable));
  const worlds: readonly World[] =
    draws === 1 ? [means] : Array.from({ length: draws }, (_, index) => worldNow(problem, index + 1));
  return {
    draws,
    runEvents,
    try: (orders) =>
      Float64Array.from(worlds, (world) => {
        const end = simulation.run(world, ordered(problem.now, orders, base), mostEvents);
        // Cut short: what is left is spread over all hosts.
        const rest = end.eventCount > 0 ? restMs(end) : end.open * neverMs;
        return end.now - problem.now + rest + end.swaps * swapMs;
      }),
    begun: (orders) => Int32Array.from(simulation.run(means, ordered(problem.now, orders, base), 0).becomes),
  };
};

const restMs = ({ leftMs, free }: World): number =>
  leftMs.reduce((sum, left) => sum + left, 0) / Math.max(1, free.length);

/** The base rule, but for this moment's orders. */
const ordered = (now: number, orders: Orders, base: Rule): Rule => {
  return (world, host) => {
    const order = world.now === now ? orders[host] : undefined;
    return order === undefined ? base(world, host) : order;
  };
};

/** By how much the second ends sooner than the first, and how far that may be off by the luck of the draws. */
export const gainOf = (first: Ends, second: Ends): { readonly gainMs: number; readonly errorMs: number } => {
  const gains = first.map((end, draw) => end - (second[draw] as number));
  const gainMs = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  if (gains.length === 1) return { gainMs, errorMs: 0 };
  const variance = gains.reduce((sum, gain) => sum + (gain - gainMs) ** 2, 0) / (gains.length - 1);
  return { gainMs, errorMs: Math.sqrt(variance / gains.length) };
};
