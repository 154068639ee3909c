import type { Client } from '@temporalio/client';
import { isAlive } from '../deploy/town/processes.ts';
import { workflowId } from '../workflows/domain/naming.ts';
import type { ConvoyStatus, HostStatus, RefineryStatus, TownStatus } from '../workflows/domain/report.ts';
import { askMaybe, idsOf } from './ask.ts';
import { lookAtConvoy } from './lookAtConvoy.ts';
import type { Reached } from './reach.ts';
import type { TownView } from './render/townPage.ts';

/** Looks at everything that `gt status` shows. What does not answer is left out. */
export const lookAtTown = async (town: Reached): Promise<TownView> => {
  const { client, record } = town;
  const [convoys, refineries, hosts, mail, processes] = await Promise.all([
    convoysOf(client, true),
    all<RefineryStatus>(client, await idsOf(client, 'refinery', true), 'refineryStatus'),
    all<HostStatus>(client, await idsOf(client, 'host', true), 'hostStatus'),
    all<TownStatus>(client, [workflowId.town], 'townStatus'),
    Promise.all(
      record.pids.map(async (one) => ({ role: one.role, pid: one.pid, alive: await isAlive(one) })),
    ),
  ]);
  const { name, address, namespace, uiUrl, version, startedAt } = record;
  return {
    ...{ name, home: town.home, address, namespace, uiUrl, version, startedAt },
    ...{ processes, convoys, refineries, hosts, town: mail[0] },
  };
};

/** Convoys, newest first; those that run, or all that the server remembers. */
export const convoysOf = async (client: Client, onlyRunning: boolean): Promise<readonly ConvoyStatus[]> =>
  await answersOf(await idsOf(client, 'convoy', onlyRunning), (id) =>
    lookAtConvoy(client, id.slice('convoy/'.length), 'epics').catch(() => undefined),
  );

const all = async <T>(client: Client, ids: readonly string[], query: string): Promise<readonly T[]> =>
  await answersOf(ids, (id) => askMaybe<T>(client, client.workflow.getHandle(id), query));

const answersOf = async <T>(
  ids: readonly string[],
  ask: (id: string) => Promise<T | undefined>,
): Promise<readonly T[]> => (await Promise.all(ids.map(ask))).filter((answer) => answer !== undefined);
