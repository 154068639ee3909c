import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import {
  isAllowed,
  isHostName,
  isNamedLiterally,
  type NetworkRule,
  plainHost,
} from '../../../workflows/domain/sandbox/network.ts';
import { specialPlace } from './addresses.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name; throws where there is none. */
export type Resolve = (host: string) => Promise<readonly Address[]>;

/** Where a command may go: to these addresses and no others, or nowhere, with the reason in a line. */
export type Destination =
  | { readonly host: string; readonly port: number; readonly addresses: readonly Address[] }
  | { readonly refused: string }
  | { readonly unknown: string };

/** Decides on one request of a run. */
export type Decide = (host: string, port: number) => Promise<Destination>;

/**
 * Decides on one request. The list comes first, so that no name outside of it is even asked for (a question to a name
 * server carries data, too); then every address that the name has, because the caller connects to those it was given
 * here and never asks again: what a name means can change between two questions.
 */
export const destinationOf = async (
  rule: NetworkRule,
  given: string,
  port: number,
  resolve: Resolve = resolveByMachine,
): Promise<Destination> => {
  const host = plainHost(given);
  const shown = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  if (isIP(host) === 0 && !isHostName(host)) return { refused: 'a host that is no name and no address' };
  if (!isAllowed(rule, host, port)) return { refused: `${shown} is not on the rig's list` };
  const addresses = await addressesOf(host, resolve);
  if (addresses === undefined) return { unknown: `${shown} has no address` };
  // "localhost" is a literal of its kind: who lists it means this machine.
  const isNamed = (name: string): boolean => isNamedLiterally(rule, name, port);
  const isMeant = ({ address }: Address): boolean =>
    isNamed(address) || (host === 'localhost' && isNamed('localhost'));
  for (const one of addresses) {
    const place = specialPlace(one.address);
    if (place === undefined || isMeant(one)) continue;
    const via = one.address === host ? '' : `: ${one.address}`;
    return { refused: `${shown}${via} ${place}, and the rig's list does not name that address` };
  }
  return { host, port, addresses };
};

/**
 * One at a time for all sandboxes of this process: the machine's resolver takes one of the few threads that files need,
 * too, and a command can ask as often as it likes. What hangs lets the next one go on after a while.
 */
const resolveByMachine: Resolve = (host) => {
  const asked = resolving.then(() => lookup(host, { all: true }));
  resolving = Promise.race([asked.catch(() => undefined), wait(5_000, undefined, { ref: false })]);
  return asked;
};

let resolving: Promise<unknown> = Promise.resolve();

const addressesOf = async (host: string, resolve: Resolve): Promise<readonly Address[] | undefined> => {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const found = await resolve(host).catch(() => []);
  return found.length === 0 ? undefined : found;
};

/** For a connection to the very addresses that were looked at. */
export const lookupOf =
  (addresses: readonly Address[]): LookupFunction =>
  (_, options, answer) => {
    const [first] = addresses;
    if (options.all === true) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };
