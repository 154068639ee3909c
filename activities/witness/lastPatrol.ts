import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { PatrolReport } from '../../workflows/domain/patrol/patrolReport.ts';
import { noMemory, type PatrolMemory } from '../../workflows/domain/patrol/pulse.ts';

/**
 * What the newest patrol that came to its end remembered. Asked of the Schedule, since that passes on a result only when it
 * happened to watch the run.
 */
export const lastPatrol = async (client: Client, rig: string): Promise<PatrolMemory> => {
  for (const { id, runId } of await recentPatrols(client, rig)) {
    // Two that were started by hand within a second have the same id.
    const handle = client.workflow.getHandle(id, runId);
    // Of the present patrol, and of those that were killed, there is no result.
    const ended = await handle.describe().then(
      ({ status }) => status.name === 'COMPLETED',
      () => false,
    );
    if (!ended) continue;
    const { memory } = (await handle.result()) as Partial<PatrolReport>;
    return { ...noMemory, ...memory };
  }
  return noMemory;
};

/** Newest first. */
const recentPatrols = async (
  client: Client,
  rig: string,
): Promise<readonly { readonly id: string; readonly runId: string }[]> => {
  try {
    const { info } = await client.schedule.getHandle(workflowId.witness(rig)).describe();
    return info.recentActions
      .flatMap(({ action }) =>
        action.type === 'startWorkflow'
          ? [{ id: action.workflow.workflowId, runId: action.workflow.firstExecutionRunId }]
          : [],
      )
      .toReversed();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return [];
    throw error;
  }
};
