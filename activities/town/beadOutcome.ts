import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { BeadBlocked, BeadLanded } from '../../workflows/domain/bead/bead.ts';
import type { BeadOutcome, TownPort } from '../../workflows/ports.ts';
import { isGone } from './gone.ts';

type Outcomes = Pick<TownPort, 'beadOutcome' | 'awaitBead' | 'awaitEnd'>;

/** How a bead's workflow stands, for an epic that did not start it itself. */
export const createBeadOutcomes = ({ client }: { client: Client }): Outcomes => ({
  async beadOutcome(workflowId) {
    const handle = client.workflow.getHandle(workflowId);
    try {
      const { status } = await handle.describe();
      if (status.name === 'RUNNING') return { state: 'running' };
    } catch (error) {
      if (isGone(error)) return { state: 'ended', failure: undefined };
      throw error;
    }
    return end(() => handle.result());
  },

  awaitBead: (workflowId) => beating(end(() => client.workflow.getHandle(workflowId).result())),

  async awaitEnd(workflowId) {
    try {
      await beating(client.workflow.getHandle(workflowId).result());
    } catch (error) {
      if (!(error instanceof WorkflowFailedError) && !isGone(error)) throw error;
    }
  },
});

/** Waits with heartbeats, until the activity is cancelled. */
const beating = async <T>(wait: Promise<T>): Promise<T> => {
  const beat = setInterval(() => heartbeat(), 2_000);
  const aborted = new Promise<never>((_, reject) => {
    const signal = cancellationSignal();
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  try {
    return await Promise.race([wait, aborted]);
  } finally {
    clearInterval(beat);
  }
};

const end = async (result: () => Promise<unknown>): Promise<BeadOutcome> => {
  try {
    return { state: 'landed', result: (await result()) as BeadLanded };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    const blocked =
      cause instanceof ApplicationFailure ? (cause.details?.[0] as BeadBlocked | undefined) : undefined;
    return { state: 'ended', failure: blocked?.failure };
  }
};
