import { getExternalWorkflowHandle, isCancellation, log } from '@temporalio/workflow';
import type { BeadLanded } from '../domain/bead/bead.ts';
import { workflowId } from '../domain/naming.ts';
import type { BeadStatus } from '../domain/report/report.ts';
import { beadMoved, landed } from '../messages.ts';
import type { CloseBead } from '../ports.ts';
import type { Polecat } from './polecat.ts';

/** Dependents may start from this moment on. */
export const tellEpicLanded = (polecat: Polecat, result: BeadLanded): Promise<void> =>
  toEpic(polecat, (epic) => epic.signal(landed, result));

/** A parked bead holds no slot; one at work again does. */
export const tellEpicMoved = (polecat: Polecat, state: 'parked' | 'working' | 'cancelled'): Promise<void> => {
  const { spent } = polecat.account();
  return toEpic(polecat, (epic) => epic.signal(beadMoved, { bead: polecat.input.spec.id, state, spent }));
};

/** The worktree goes; of a bead that did not land, the work stays. */
export const closeWorktree = async (polecat: Polecat): Promise<void> => {
  const keep = keptOf(polecat.status());
  const summary = keep === 'nothing' ? 'clear the place' : 'keep the work, clear the place';
  await polecat.rig.closeBead
    .executeWithOptions({ summary }, [{ ...polecat.place, keep, ended: endOf(polecat.status()) }])
    // The patrol finds what is left; an ended bead must not hang on its broom.
    .catch((error: unknown) => log.warn('clean-up failed', { error: String(error) }));
};

const endOf = ({ state, failure, commit }: BeadStatus): NonNullable<CloseBead['ended']> => ({
  state,
  hasCommit: commit !== undefined,
  ...(failure === undefined ? {} : { failure: failure.type }),
});

/** A cap loses no work (G7): whoever raises it finds the branch as it was. All else that failed begins anew. */
const keptOf = ({ state, failure }: BeadStatus): CloseBead['keep'] => {
  if (state === 'landed') return 'nothing';
  return state === 'blocked' && failure?.type === 'BudgetExhausted' ? 'branch' : 'ref';
};

const toEpic = async (
  polecat: Polecat,
  tell: (epic: ReturnType<typeof getExternalWorkflowHandle>) => Promise<void>,
): Promise<void> => {
  const { convoy, epic } = polecat.input.ref;
  try {
    await tell(getExternalWorkflowHandle(workflowId.epic(convoy, epic)));
  } catch (error) {
    // An epic that is gone looks everything up again when it is launched anew.
    if (isCancellation(error)) throw error;
  }
};
