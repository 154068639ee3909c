import type { Client } from '@temporalio/client';
import { beadKey, workflowId } from '../workflows/domain/naming.ts';
import type { ConvoyStatus, EpicStatus } from '../workflows/domain/report/report.ts';
import { idsOf, within } from './ask.ts';

/** Enough to find the one that was meant, and quickly listed. */
const most = 200;

/** Names of the convoys that the server remembers, newest first. */
export const knownConvoys = async (client: Client): Promise<readonly string[]> =>
  (await within(client, () => idsOf(client, 'convoy', false, most))).map((id) => id.slice('convoy/'.length));

/** Names of the mayor's plans, newest first. */
export const knownPlans = async (client: Client): Promise<readonly string[]> =>
  (await within(client, () => idsOf(client, 'plan', false, most))).map((id) => id.slice('plan/'.length));

/** As CONVOY/EPIC. */
export const knownEpics = async (client: Client, convoy: string): Promise<readonly string[]> =>
  (await statusOf(client, convoy)).epics.map(({ epic }) => `${convoy}/${epic}`);

/** As CONVOY/EPIC/BEAD. */
export const knownBeads = async (
  client: Client,
  convoy: string,
  epic: string,
): Promise<readonly string[]> => {
  const handle = client.workflow.getHandle(workflowId.epic(convoy, epic));
  const board = await within(client, () => handle.query<EpicStatus>('epicStatus'), 5_000).catch(
    // What became of an epic that has ended is on its convoy's board, and one that has not started has none.
    async () => (await statusOf(client, convoy)).epics.find((one) => one.epic === epic),
  );
  return (board?.beads ?? []).map(({ bead }) => beadKey({ convoy, epic, bead }));
};

/** Merge queues as `RIG BRANCH`, as `gt refinery` takes them. */
export const knownQueues = async (client: Client): Promise<readonly string[]> =>
  (await within(client, () => idsOf(client, 'refinery', true, most))).map((id) => {
    const [, rig = '', ...target] = id.split('/');
    return `${rig} ${target.join('/')}`;
  });

const statusOf = (client: Client, convoy: string): Promise<ConvoyStatus> =>
  within(
    client,
    () => client.workflow.getHandle(workflowId.convoy(convoy)).query<ConvoyStatus>('convoyStatus'),
    5_000,
  );
