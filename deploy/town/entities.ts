import type { Client } from '@temporalio/client';
import type { FleetPace } from '../../workflows/domain/fleet/fleetPace.ts';
import { taskQueue, workflowId } from '../../workflows/domain/naming.ts';
import { type TownConfig, townSettings } from '../config/townConfig.ts';

/** Durations of the fleet; its defaults where left out. */
export interface FleetStart {
  readonly pace?: Partial<FleetPace>;
}

/**
 * Starts the workflows that live for ever, or finds them running. They are named as `workflows/index.ts` exports
 * them. The refineries are started by the first submission.
 */
export const ensureEntities = async (
  client: Client,
  config: TownConfig,
  fleet: FleetStart = {},
): Promise<void> => {
  const town = townSettings(config);
  await Promise.all([
    // What the configuration says now reaches a town that has run for weeks, too.
    client.workflow.signalWithStart('town', {
      workflowId: workflowId.town,
      taskQueue: taskQueue.town,
      args: [town],
      signal: 'townSettings',
      signalArgs: [town],
    }),
    ensure(client, 'fleet', workflowId.fleet, fleet),
    ...config.hosts.map((host) => ensure(client, 'host', workflowId.host(host.name), { host: host.name })),
  ]);
};

const ensure = async (client: Client, type: string, id: string, input: object): Promise<void> => {
  await client.workflow.start(type, {
    workflowId: id,
    taskQueue: taskQueue.town,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
};
