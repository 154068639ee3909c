import type { Client } from '@temporalio/client';
import { tellStages } from '../../workflows/messages.ts';
import type { TownPort } from '../../workflows/ports.ts';
import { isGone } from './gone.ts';

/** Epics that are listed as open, found by the server's own index, which may lag: one that starts later tells by itself. */
export const createAskStages = ({ client }: { readonly client: Client }): Pick<TownPort, 'askStages'> => ({
  async askStages() {
    const query = "WorkflowType = 'epic' AND ExecutionStatus = 'Running'";
    for await (const { workflowId } of client.workflow.list({ query })) {
      try {
        await client.workflow.getHandle(workflowId).signal(tellStages);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
  },
});
