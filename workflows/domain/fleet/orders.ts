/** The orders that hosts follow, each with the decision behind it: what was planned since says nothing of why a host holds what it holds. */
import { sameSet } from '../sameSet.ts';
import type { HostDecision } from './fleet.ts';
import type { HostReport, HostSwap } from './hostReport.ts';

/** The decision that put an order in force, as long as it is. */
export interface StandingOrder extends Omit<HostDecision, 'host'> {
  /** When it was decided, epoch ms. */
  readonly at: number;
  /** The host held what it names, or has come to hold it since: what is loaded then, is loaded again. */
  readonly met?: true;
  /** The host was about to load it by itself. */
  readonly begun?: true;
}

/** By host: what it is told, and what it was told before; a swap is reported only when it is over. */
export type Orders = Readonly<
  Record<string, { readonly present: StandingOrder; readonly former?: StandingOrder }>
>;

/** A swap and why it was made. Swaps that older runs remember have no reason. */
export type RememberedSwap = HostSwap & { readonly host: string; readonly why?: string };

/** A host is told something: the decision is kept until another one names other models. */
export const ordered = (
  orders: Orders = {},
  { host, ...decision }: HostDecision,
  { at, report }: { readonly at: number; readonly report: Pick<HostReport, 'open' | 'swap'> | undefined },
): Orders => {
  const before = Object.hasOwn(orders, host) ? orders[host]?.present : undefined;
  if (before !== undefined && sameSet(before.want, decision.want)) return orders;
  const isMet = report?.swap === undefined && sameSet(report?.open ?? [], decision.want);
  const hasBegun = before === undefined && sameSet(report?.swap?.to ?? [], decision.want);
  const present: StandingOrder = {
    ...decision,
    at,
    alternatives: decision.alternatives.slice(0, mostAlternatives),
    ...(isMet ? { met: true } : hasBegun ? { begun: true } : {}),
  };
  return { ...orders, [host]: { present, ...(before === undefined ? {} : { former: before }) } };
};

/** They are carried over when the fleet continues as new. */
const mostAlternatives = 10;

/** Only the orders of hosts that follow one. */
export const followed = (orders: Orders = {}, follows: (host: string) => boolean): Orders =>
  Object.fromEntries(Object.entries(orders).filter(([host]) => follows(host)));

/** What a host has swapped, each with its reason, and the orders after it. */
export const explained = (
  orders: Orders = {},
  host: string,
  swaps: readonly HostSwap[],
): { readonly orders: Orders; readonly swaps: readonly RememberedSwap[] } => {
  let own = Object.hasOwn(orders, host) ? orders[host] : undefined;
  const remembered = swaps.map((swap): RememberedSwap => {
    const order = [own?.present, own?.former].find((one) => one !== undefined && isFor(one, swap));
    if (own !== undefined && order === own.present && swap.failed === undefined) {
      const { begun: _, ...present } = own.present;
      own = { ...own, present: { ...present, met: true } };
    }
    return { ...swap, host, why: reasonOf(order) };
  });
  return { orders: own === undefined ? orders : { ...orders, [host]: own }, swaps: remembered };
};

/** One that failed has come to less than was wanted. */
const isFor = ({ want }: StandingOrder, { to, failed }: HostSwap): boolean =>
  (to.length > 0 || failed === true) && to.every((model) => want.includes(model));

const reasonOf = (order: StandingOrder | undefined): string => {
  if (order === undefined || order.begun) return 'by the host’s own rule';
  return order.met ? 'it was no longer there, and its order stands' : order.reason;
};
