import type { KnownFleet, Steering } from './known.ts';
import type { Steer } from './status.ts';

/** Why an order cannot be followed, with the evidence and what to do. */
export interface SteerFault {
  readonly why: string;
  readonly evidence: string;
  readonly next: string;
}

/**
 * Whether an order names a host that reports, and models of it, and stands behind no other; undefined when it can be followed. It has
 * the right shape already.
 */
export const steerFault = (
  { hosts, steering }: Pick<KnownFleet, 'hosts' | 'steering'>,
  { host, to, models = [] }: Steer,
): SteerFault | undefined => {
  // Names come from outside: `constructor` is in every object.
  const known = Object.hasOwn(hosts, host) ? hosts[host] : undefined;
  if (known === undefined)
    return {
      why: `No host called ${host} has reported.`,
      evidence: `Hosts that have: ${Object.keys(hosts).join(', ') || 'none'}.`,
      next: 'See the hosts with: gt fleet status',
    };
  const { serves } = known.report;
  const next = 'See the models of each host with: gt host list';
  if ((to === 'pin' || to === 'load') && models.length === 0)
    return { why: `Name a model to ${to}.`, evidence: `${host} serves: ${listText(serves)}.`, next };
  const strange = models.filter((model) => serves?.includes(model) === false);
  if (strange.length === 0) return to === 'load' ? loadFault(host, steering[host]) : undefined;
  return {
    why: `The host ${host} does not serve ${strange.join(', ')}.`,
    evidence: `${host} serves: ${listText(serves)}.`,
    next,
  };
};

/** Why a host would load nothing: a word that stands behind another one does nothing, and nobody should wait for it. */
export const loadFault = (
  host: string,
  { pinned, drained }: Steering = {},
): (SteerFault & { readonly type: 'HostDrained' | 'HostPinned' }) | undefined => {
  if (drained)
    return {
      type: 'HostDrained',
      why: `${host} is drained, so it loads nothing.`,
      evidence: `gt fleet drain ${host}, which nobody has taken back`,
      next: `Give it calls again, then ask once more: gt fleet drain ${host} --off`,
    };
  if (pinned !== undefined)
    return {
      type: 'HostPinned',
      why: `${host} keeps what is pinned there, so it loads nothing else.`,
      evidence: `pinned on ${host}: ${pinned.join(', ')}`,
      next: `Unpin it, then ask once more: gt fleet unpin ${host}. Or pin the other: gt fleet pin ${host} MODEL`,
    };
  return;
};

const listText = (serves: readonly string[] | undefined): string =>
  serves === undefined ? 'it has not told' : serves.join(', ') || 'none';
