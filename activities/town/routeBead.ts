import type { Client } from '@temporalio/client';
import { routeOf } from '../../workflows/domain/fleet/route.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { fleetStatus } from '../../workflows/messages.ts';
import type { TownPort } from '../../workflows/ports.ts';

/** How long the fleet may take to answer: a bead that waits longer for a better model has lost more than it gains. */
const patienceMs = 5_000;

/** Asks the fleet what is resident. Without an answer a bead begins with the smallest model that would do. */
export const createRouteBead = ({ client }: { readonly client: Client }): Pick<TownPort, 'routeBead'> => ({
  async routeBead(candidates) {
    const status = await client.connection
      .withDeadline(Date.now() + patienceMs, () =>
        client.workflow.getHandle(workflowId.fleet).query(fleetStatus),
      )
      .catch(() => undefined);
    return routeOf(candidates, status?.hosts ?? []);
  },
});
