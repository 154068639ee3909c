import type { Client } from '@temporalio/client';
import type { ExternalCluster } from '../deploy/server/connect.ts';
import { hasOwnServer, ownerOf } from '../deploy/town/owner.ts';
import { isAlive } from '../deploy/town/processes.ts';
import type { TownRecord } from '../deploy/town/record.ts';
import { exitCode } from './exitCodes.ts';
import type { Place } from './places.ts';
import { ClientError } from './trouble.ts';

/** An open town that answers. */
export interface Reached extends Place {
  readonly record: TownRecord;
  readonly client: Client;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Connects to the town of a place. Throws `TownDown` (exit 3) when it is not open. */
export const reachTown = async (place: Place): Promise<Reached> => {
  const { record } = place;
  if (record === undefined) throw townDown(place, 'it has never been open: there is no town.json');
  if (record.state === 'closed') throw townDown(place, 'it was closed, and is not running');
  const owner = ownerOf(record);
  if (owner === undefined || !(await isAlive(owner))) {
    throw townDown(place, `its supervisor, process ${owner?.pid ?? 'unknown'}, is dead`);
  }
  // Loaded when needed: Temporal's client takes 0.2 s, which `gt --help` and mistyped commands need not pay.
  const { connectClient, externalCluster, plainCluster } = await import('../deploy/server/connect.ts');
  const external = externalOf(place, record);
  const client = await connectClient(
    external === undefined
      ? plainCluster(record.address, record.namespace)
      : externalCluster(external, record.namespace),
    5_000,
  );
  return { ...place, record, client, [Symbol.asyncDispose]: () => client.connection.close() };
};

/** Somebody's own cluster is reached as their environment says. Without a configuration, `town.json` tells which it is. */
const externalOf = ({ config }: Place, record: TownRecord): ExternalCluster | undefined => {
  const own = config === undefined ? hasOwnServer(record) : config.temporal.address === undefined;
  return own ? undefined : (config?.temporal ?? { address: record.address });
};

const townDown = (place: Place, why: string): ClientError =>
  new ClientError(exitCode.townDown, {
    type: 'TownDown',
    what: 'The town is not open.',
    evidence: `${place.home}: ${why}`,
    next: 'Open it with `gt up` (in the background: `gt up --detach`), then run this command again.',
  });
