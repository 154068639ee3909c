import type { Candidate } from './candidates.ts';
import type { Problem } from './problem.ts';
import { type Ends, gainOf, neverMs, type Orders, stay, type Trials } from './trials.ts';

/** What was tried for a host, and how much later than with the choice all would end. */
export interface Tried {
  readonly host: number;
  readonly to: number;
  readonly ends: Ends;
}

export interface Found {
  readonly orders: Orders;
  readonly ends: Ends;
  readonly tried: readonly Tried[];
}

/** With fewer draws nothing is known of luck. */
const fewDraws = 4;
/**
 * How many times its likely error a gain must be. Closing the gate of a busy host is paid at once and gains later, and where
 * several hosts share the work a better chance comes by itself: measured, 2 saves a quarter of the swaps there.
 */
const doubtsOf = (problem: Problem, busy: boolean): number => (busy && problem.hosts.length > 1 ? 2 : 1);

/**
 * Improves on the base rule, one host after the other: each candidate is tried with what was found so far, and taken where it gains
 * more than luck explains. `orders` are what hosts are told in any case.
 */
export const search = (
  problem: Problem,
  trials: Trials,
  told: Orders,
  candidates: readonly Candidate[],
  { mostTrials, leastGainMs }: { readonly mostTrials: number; readonly leastGainMs: number },
): Found => {
  const orders = [...told];
  const tried: Tried[] = [];
  let ends = trials.try(orders);
  let left = mostTrials;
  const base = trials.begun(orders);
  const tryAll = (host: number, list: readonly Candidate[]): void => {
    let best: { readonly to: number; readonly ends: Ends; readonly gainMs: number } | undefined;
    for (const { to, busy } of list) {
      if (left-- <= 0) break;
      orders[host] = to;
      const result = trials.try(orders);
      tried.push({ host, to, ends: result });
      const { gainMs, errorMs } = gainOf(ends, result);
      const doubtMs = errorMs * doubtsOf(problem, busy);
      if (gainMs <= leastMs({ problem, trials, host, to, busy, leastGainMs }) + doubtMs) continue;
      if (best === undefined || gainMs > best.gainMs) best = { to, ends: result, gainMs };
    }
    orders[host] = best?.to;
    if (best !== undefined) ends = best.ends;
  };
  for (const host of new Set([...candidates.map((one) => one.host), ...base.keys()])) {
    if (told[host] !== undefined) continue;
    const now = base[host] as number;
    const own = candidates.filter((one) => one.host === host && one.to !== now);
    const staying: Candidate[] = now < 0 ? [] : [{ host, to: stay, busy: false, promise: 0 }];
    tryAll(host, [...own, ...staying]);
  }
  return { orders, ends, tried: tried.filter((one) => (one.ends[0] ?? 0) < neverMs) };
};

interface Chance {
  readonly problem: Problem;
  readonly trials: Trials;
  readonly host: number;
  readonly to: number;
  readonly busy: boolean;
  /** What a change that is not the base rule's must gain at least. */
  readonly leastGainMs: number;
}

const leastMs = ({ problem, trials, host, to, busy, leastGainMs }: Chance): number => {
  const certain = trials.draws === 1 && problem.spread.every((spread) => spread === 0);
  if (certain || trials.draws >= fewDraws || to === stay) return leastGainMs;
  const { residencies, resident } = problem.hosts[host] as Problem['hosts'][number];
  const target = residencies.all[to];
  if (target === undefined) return leastGainMs;
  const thereAndBack = residencies.swapMs(resident, target) + residencies.swapMs(target, resident);
  return busy ? thereAndBack : thereAndBack / 2;
};
