import type { Client } from '@temporalio/client';
import { taskQueue, workflowId } from '../../workflows/domain/naming.ts';
import type { Pace } from '../../workflows/domain/pace.ts';
import { standing, submit, withdraw } from '../../workflows/messages.ts';
import type { RefineryTarget, TownPort } from '../../workflows/ports.ts';
import { isGone } from './gone.ts';

type Door = Pick<TownPort, 'submit' | 'withdraw' | 'standing'>;

/** How beads reach the Refinery of their rig and branch: by signal-with-start, so that it need not be assumed to run. */
export const createRefineryDoor = ({ client, pace }: { client: Client; pace: Pace | undefined }): Door => {
  const start = ({ rig, target, upstream }: RefineryTarget) => ({
    workflowId: workflowId.refinery(rig, target),
    taskQueue: taskQueue.town,
    args: [{ rig, target, upstream, ...(pace === undefined ? {} : { pace }) }],
  });

  return {
    async submit({ submission, ...target }) {
      await client.workflow.signalWithStart('refinery', {
        ...start(target),
        signal: submit,
        signalArgs: [submission],
      });
    },

    async withdraw({ submission, ...target }) {
      const { bead, attempt, head, workflowId: answersTo = `bead/${bead}` } = submission;
      await client.workflow.signalWithStart('refinery', {
        ...start(target),
        signal: withdraw,
        signalArgs: [{ bead, attempt, head, workflowId: answersTo }],
      });
    },

    async standing({ rig, target, submission }) {
      try {
        return await client.workflow.getHandle(workflowId.refinery(rig, target)).query(standing, submission);
      } catch (error) {
        if (isGone(error)) return 'unknown';
        throw error;
      }
    },
  };
};
