import type { Client } from '@temporalio/client';
import { type BeadRef, workflowId } from '../../workflows/domain/naming.ts';
import type { Owner } from '../../workflows/domain/patrol/patrol.ts';
import { createBeadOutcomes } from '../town/beadOutcome.ts';
import { isGone } from '../town/gone.ts';

/** Who has a bead's worktree and branch: its workflow while it is open, parked ones too. */
export const createOwners = (client: Client): ((bead: BeadRef) => Promise<Owner>) => {
  const { beadOutcome } = createBeadOutcomes({ client });
  return async (bead) => {
    const id = workflowId.bead(bead);
    try {
      const { status, closeTime } = await client.workflow.getHandle(id).describe();
      if (status.name === 'RUNNING' || closeTime === undefined) return { state: 'open' };
      const outcome = await beadOutcome(id);
      // Launched again meanwhile.
      if (outcome.state === 'running') return { state: 'open' };
      const keepsBranch = outcome.state === 'ended' && outcome.failure?.type === 'BudgetExhausted';
      const endedMs = Math.max(0, Date.now() - closeTime.getTime());
      return { state: 'ended', endedMs, ...(keepsBranch ? { keepsBranch } : {}) };
    } catch (error) {
      if (isGone(error)) return { state: 'unknown' };
      throw error;
    }
  };
};
