import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { ask, charge, grant, refund, reserve } from '../domain/allowance.ts';
import { type BoardBead, working } from '../domain/epicBoard.ts';
import { allowanceShape } from '../domain/messageShapes.ts';
import { totalTokens, type Usage } from '../domain/model.ts';
import { workflowId } from '../domain/naming.ts';
import { allowance, askAllowance, epicSpent } from '../messages.ts';
import { receive } from '../receive.ts';
import type { EpicDesk } from './desk.ts';
import { tellBroke } from './tell.ts';

/** Answers of the convoy: tokens for beads to come. */
export const handleAllowances = (desk: EpicDesk): void => {
  receive(allowance, allowanceShape, ({ tokens, askAgainAt }) => {
    const { purse } = desk;
    purse.asking = false;
    purse.ledger = grant(purse.ledger, tokens);
    // A raised budget is told without being asked again, so a refusal without a date waits for that.
    purse.refused = tokens === 0;
    purse.refusedUntil = tokens === 0 ? askAgainAt : undefined;
    desk.version++;
    // The day's budget comes back by itself, and what is at work may leave enough for the next.
    if (tokens === 0 && isForGood(askAgainAt) && working(desk.board) === 0) void tellBroke(desk);
  });
};

/** A convoy's own budget has no date. */
const isForGood = (askAgainAt: number | undefined): boolean =>
  askAgainAt === undefined || askAgainAt === Number.MAX_SAFE_INTEGER;

/**
 * Reserves a bead's token cap before it starts; asks the convoy where the purse does not hold it. False while an answer
 * is outstanding: nothing is started that could not finish.
 */
export const fundBead = async (desk: EpicDesk, id: string): Promise<boolean> => {
  const { purse, input } = desk;
  const wanted = desk.board.get(id)?.caps.tokens ?? 0;
  const lacking = ask(purse.ledger, wanted);
  if (lacking === 0) {
    purse.ledger = reserve(purse.ledger, id, wanted).ledger;
    return true;
  }
  const over = purse.refusedUntil !== undefined && Date.now() >= purse.refusedUntil;
  if (purse.asking || (purse.refused && !over)) return false;
  purse.asking = true;
  await getExternalWorkflowHandle(workflowId.convoy(input.convoy)).signal(askAllowance, {
    from: input.plan.id,
    workflowId: workflowId.epic(input.convoy, input.plan.id),
    tokens: lacking,
    names: 0,
  });
  return false;
};

/** Tells the convoy what a cancelled epic has spent: the rest of its tokens can be given to others. */
export const tellSpent = (
  convoy: string,
  spent: { readonly epic: string; readonly usage: Usage },
): Promise<void> =>
  getExternalWorkflowHandle(workflowId.convoy(convoy))
    .signal(epicSpent, spent)
    .catch(() => undefined); // a convoy that was ended by hand keeps no books

/** Charges what an ended bead spent; the rest of what was reserved for it goes back into the purse. */
export const settleBead = ({ purse }: EpicDesk, one: BoardBead): void => {
  const spent = one.spent === undefined || one.earlier ? 0 : totalTokens(one.spent.usage);
  purse.ledger = refund(charge(purse.ledger, one.spec.id, spent), one.spec.id);
  // Less may be lacking now than what was refused: that is worth another question, and the date stays until its answer.
  purse.refused = false;
};
