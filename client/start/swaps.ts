import type { Client } from '@temporalio/client';
import type { FleetStatus } from '../../workflows/domain/fleet/status.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { plain } from '../../workflows/domain/text.ts';
import { askMaybe } from '../ask.ts';
import { duration } from '../render/amounts.ts';

/** What the fleet loaded in whose place and why, where hosts had something to choose. */
export const swapLines = async (client: Client): Promise<readonly string[]> => {
  const handle = client.workflow.getHandle(workflowId.fleet);
  const status = await askMaybe<FleetStatus>(client, handle, 'fleetStatus');
  return (status?.swaps ?? [])
    .filter(({ from, failed }) => from.length > 0 && failed === undefined)
    .flatMap(({ host, from, to, drainMs, unloadMs, loadMs, why }) => [
      plain(`  ${host}: ${from.join(', ')} → ${to.join(', ')} in ${duration(drainMs + unloadMs + loadMs)}`),
      ...(why === undefined ? [] : [plain(`    why: ${why}`)]),
    ]);
};
