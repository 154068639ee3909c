import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { workflowId } from '../workflows/domain/naming.ts';
import type { ConvoyStatus, HostStatus } from '../workflows/domain/report.ts';
import { askMaybe, idsOf, within } from './ask.ts';
import { type Closeness, lookAtConvoy } from './lookAtConvoy.ts';

/** A convoy, and the hosts that refuse a model: a bead that waits for one has nothing to say of it. */
export interface Sight {
  readonly convoy: ConvoyStatus;
  readonly refusing: readonly HostStatus[];
}

/** Looks this often. A query costs no history, but a worker's time: asking every bead takes more of it. */
const everyMs = { epics: 400, beads: 1_000 } as const;
/** Workers that are being started again answer late; a town that is gone does not answer at all. */
const patienceMs = 60_000;
const hostsEveryMs = 5_000;

/**
 * The states of a convoy, each time that something changed, up to its end. Outlasts workers and servers that are
 * started again. Ends early, without an error, when the signal is aborted.
 */
export async function* followConvoy(
  client: Client,
  convoy: string,
  closeness: Closeness,
  signal?: AbortSignal,
): AsyncGenerator<Sight> {
  const handle = client.workflow.getHandle(workflowId.convoy(convoy));
  let last = '';
  const refusing = refusingHosts(client);
  for (let silentSince: number | undefined; !signal?.aborted; ) {
    const closed = await within(
      client,
      async () => (await handle.describe()).status.name !== 'RUNNING',
    ).catch((error: unknown) => outlast(error, (silentSince ??= Date.now())));
    const status = await lookAtConvoy(client, convoy, closeness).catch((error: unknown) =>
      outlast(error, (silentSince ??= Date.now())),
    );
    if (status !== undefined && closed !== undefined) {
      silentSince = undefined;
      const sight = { convoy: status, refusing: closed ? [] : await refusing() };
      const text = JSON.stringify(sight);
      if (text !== last) yield sight;
      last = text;
      // Asked before the state: what closed in between has its last state shown by one more look.
      if (closed) return;
    }
    await sleep(everyMs[closeness], undefined, signal === undefined ? {} : { signal }).catch(() => {});
  }
}

const outlast = (error: unknown, since: number): undefined => {
  if ((error as Error).name === 'WorkflowNotFoundError' || Date.now() - since > patienceMs) throw error;
};

/** Seldom asked: hosts change seldom, and asking is a list and a query for each. */
const refusingHosts = (client: Client): (() => Promise<readonly HostStatus[]>) => {
  let found: readonly HostStatus[] = [];
  let next = 0;
  return async () => {
    if (Date.now() < next) return found;
    const ids = await within(client, () => idsOf(client, 'host', true)).catch(() => []);
    const asked = ids.map((id) => askMaybe<HostStatus>(client, client.workflow.getHandle(id), 'hostStatus'));
    const hosts = (await Promise.all(asked)).filter((host) => host !== undefined);
    found = hosts.filter(({ closed }) => closed.length > 0);
    next = Date.now() + hostsEveryMs;
    return found;
  };
};
