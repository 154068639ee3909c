import { getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import type { BoardBead } from '../domain/epicBoard.ts';
import { totalTokens } from '../domain/model.ts';
import { workflowId } from '../domain/naming.ts';
import { allowance, askAllowance } from '../messages.ts';
import type { EpicDesk } from './desk.ts';

/** Answers of the convoy: tokens for beads to come. */
export const handleAllowances = (desk: EpicDesk): void => {
  setHandler(allowance, ({ tokens, askAgainAt }) => {
    const { purse } = desk;
    purse.asking = false;
    purse.left += tokens ?? Number.MAX_SAFE_INTEGER - purse.left;
    purse.refusedUntil = tokens === 0 ? (askAgainAt ?? Number.MAX_SAFE_INTEGER) : undefined;
    desk.version++;
  });
};

/**
 * Reserves a bead's token cap before it starts; asks the convoy where the purse does not hold it. False while an answer
 * is outstanding: nothing is started that could not finish.
 */
export const fundBead = async (desk: EpicDesk, id: string): Promise<boolean> => {
  const { purse, input } = desk;
  const wanted = desk.board.get(id)?.caps.tokens ?? 0;
  if (!purse.limited) return true;
  if (purse.left >= wanted) {
    purse.left -= wanted;
    return true;
  }
  const waits = purse.refusedUntil !== undefined && Date.now() < purse.refusedUntil;
  if (purse.asking || waits) return false;
  purse.asking = true;
  await getExternalWorkflowHandle(workflowId.convoy(input.convoy)).signal(askAllowance, {
    from: input.plan.id,
    workflowId: workflowId.epic(input.convoy, input.plan.id),
    tokens: wanted - purse.left,
    names: 0,
  });
  return false;
};

/** What an ended bead did not spend goes back into the purse. */
export const refund = ({ purse }: EpicDesk, one: BoardBead): void => {
  if (!purse.limited) return;
  const spent = one.spent === undefined ? 0 : totalTokens(one.spent.usage);
  purse.left += Math.max(0, one.caps.tokens - spent);
};
