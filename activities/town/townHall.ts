import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { WantedOccasion } from '../../workflows/domain/mail/announcement.ts';
import type { Reminding } from '../../workflows/domain/mail/reminder.ts';
import { taskQueue, workflowId } from '../../workflows/domain/naming.ts';
import { askAllowance, takeNotes } from '../../workflows/messages.ts';
import type { TownPort } from '../../workflows/ports.ts';
import { isGone } from './gone.ts';

export interface TownDefaults {
  readonly timeZone: string;
  readonly tokensPerDay: number | undefined;
  readonly moneyPerDay?: number;
  readonly currency?: string;
  /** What a person wants to be told outside the town. */
  readonly notify?: readonly WantedOccasion[];
  /** When the person is told again of a letter that presses. */
  readonly remind?: Reminding;
}

/** What workflows ask of the town as a whole, through a client because they cannot start or update others themselves. */
export const createTownHall = (deps: {
  readonly client: Client;
  readonly town: TownDefaults;
}): Pick<TownPort, 'askTown' | 'takeNotes' | 'update'> => ({
  async askTown({ id, convoy, workflowId: asker = workflowId.convoy(convoy), ...wanted }) {
    await deps.client.workflow.signalWithStart('town', {
      workflowId: workflowId.town,
      taskQueue: taskQueue.town,
      args: [deps.town],
      signal: askAllowance,
      signalArgs: [{ id, from: convoy, workflowId: asker, ...wanted }],
    });
  },

  async takeNotes(request) {
    const handle = deps.client.workflow.getHandle(workflowId.town);
    try {
      return await handle.executeUpdate(takeNotes, { args: [request] });
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
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
