import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { WantedOccasion } from '../../workflows/domain/announcement.ts';
import { taskQueue, workflowId } from '../../workflows/domain/naming.ts';
import { askAllowance } from '../../workflows/messages.ts';
import type { TownPort } from '../../workflows/ports.ts';
import { isGone } from './gone.ts';

export interface TownDefaults {
  readonly timeZone: string;
  readonly tokensPerDay: number | undefined;
  /** What a person wants to be told outside the town. */
  readonly notify?: readonly WantedOccasion[];
}

/** What workflows ask of the town as a whole, through a client because they cannot start or update others themselves. */
export const createTownHall = (deps: {
  readonly client: Client;
  readonly town: TownDefaults;
}): Pick<TownPort, 'askTown' | 'update'> => ({
  async askTown({ id, convoy, tokens, names, least, workflowId: asker = workflowId.convoy(convoy) }) {
    await deps.client.workflow.signalWithStart('town', {
      workflowId: workflowId.town,
      taskQueue: taskQueue.town,
      args: [deps.town],
      signal: askAllowance,
      signalArgs: [
        { id, from: convoy, workflowId: asker, tokens, names, ...(least === undefined ? {} : { least }) },
      ],
    });
  },

  async update({ workflowId: id, name, argument }) {
    try {
      await deps.client.workflow.getHandle(id).executeUpdate(name, { args: [argument] });
    } catch (error) {
      if (isGone(error) || isRefused(error)) return;
      throw error;
    }
  },
});

/** A validator's no: it is so already. */
const isRefused = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure;
