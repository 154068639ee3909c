import type { Client } from '@temporalio/client';
import type { FleetStatus } from '../../workflows/domain/fleet/status.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { fleetStatus } from '../../workflows/messages.ts';
import { within } from '../ask.ts';
import { isNotFound } from '../trouble.ts';

const nothing: FleetStatus = { hosts: [], plan: undefined, demand: [], swaps: [], beads: 0 };

/** What the fleet knows; nothing where no host has reported yet. */
export const askFleet = async (client: Client): Promise<FleetStatus> => {
  try {
    return await within(client, () => client.workflow.getHandle(workflowId.fleet).query(fleetStatus));
  } catch (error) {
    if (isNotFound(error)) return nothing;
    throw error;
  }
};
