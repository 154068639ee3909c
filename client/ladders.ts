import type { Client } from '@temporalio/client';
import { beadKey, workflowId } from '../workflows/domain/naming.ts';
import type { BeadStatus, ConvoyStatus, EpicStatus } from '../workflows/domain/report/report.ts';
import { askMaybe, within } from './ask.ts';
import { handleOf, type Target } from './targets.ts';

/** A bead that can hand over, and the models that it may go on with. */
export interface OpenBead {
  /** CONVOY/EPIC/BEAD. */
  readonly bead: string;
  /** Undefined when the bead did not say in time. */
  readonly ladder: readonly string[] | undefined;
}

/** The open beads of a target with their ladders of models. A bead that has never started is not found, and throws so. */
export const openBeads = async (client: Client, target: Target): Promise<readonly OpenBead[]> => {
  if (target.kind === 'bead') {
    const { ladder } = await within(client, () => handleOf(client, target).query<BeadStatus>('beadStatus'));
    return [{ bead: target.name, ladder }];
  }
  const epics = await epicsOf(client, target);
  const open = epics.flatMap(({ convoy, epic, beads }) =>
    beads
      .filter(({ state }) => state === 'working' || state === 'parked')
      .map(({ bead }) => ({ convoy, epic, bead })),
  );
  return await Promise.all(
    open.map(async (ref) => {
      const handle = client.workflow.getHandle(workflowId.bead(ref));
      return {
        bead: beadKey(ref),
        ladder: (await askMaybe<BeadStatus>(client, handle, 'beadStatus'))?.ladder,
      };
    }),
  );
};

const epicsOf = async (
  client: Client,
  target: Exclude<Target, { kind: 'bead' }>,
): Promise<readonly EpicStatus[]> => {
  const handle = handleOf(client, target);
  if (target.kind === 'epic') return [await within(client, () => handle.query<EpicStatus>('epicStatus'))];
  const { epics } = await within(client, () => handle.query<ConvoyStatus>('convoyStatus'));
  const asked = epics.map(({ convoy, epic }) =>
    askMaybe<EpicStatus>(client, client.workflow.getHandle(workflowId.epic(convoy, epic)), 'epicStatus'),
  );
  return (await Promise.all(asked)).filter((status) => status !== undefined);
};
