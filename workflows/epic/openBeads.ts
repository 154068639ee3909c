import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { workflowId } from '../domain/naming.ts';
import type { EpicDesk } from './desk.ts';

/** Tells the beads that are at work or parked. */
export const toOpenBeads = async (
  { board, input }: EpicDesk,
  tell: (bead: ReturnType<typeof getExternalWorkflowHandle>) => Promise<void>,
): Promise<void> => {
  const open = [...board].filter(([, { open, state }]) => open && state !== 'landed');
  await Promise.all(
    open.map(([bead]) =>
      tell(getExternalWorkflowHandle(workflowId.bead({ convoy: input.convoy, epic: input.plan.id, bead })))
        // One that just ended needs no telling; one just being started is told by whoever starts it.
        .catch(() => undefined),
    ),
  );
};

/** Cancels beads that have been parked: the cancellation of a child names its first run, and no other hears of it. */
export const cancelContinued = async ({ board, input }: EpicDesk): Promise<void> => {
  const beads = [...board].filter(([, { open, continued }]) => open && continued);
  const idOf = (bead: string): string => workflowId.bead({ convoy: input.convoy, epic: input.plan.id, bead });
  await Promise.all(
    // One that has just ended needs no cancelling.
    beads.map(([bead]) =>
      getExternalWorkflowHandle(idOf(bead))
        .cancel()
        .catch(() => undefined),
    ),
  );
};
