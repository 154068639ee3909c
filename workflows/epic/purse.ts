import { getExternalWorkflowHandle, patched } from '@temporalio/workflow';
import { ask, charge, freeTokens, grant, leastPart, refund, reserve } from '../domain/allowance.ts';
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
  receive(allowance, allowanceShape, ({ tokens, askAgainAt, rest, budget }) => {
    const { purse } = desk;
    purse.asking = false;
    purse.ledger = grant(purse.ledger, tokens);
    // A raised budget is told without being asked again, so a refusal without a date waits for that.
    purse.rest = rest === true;
    purse.refused = tokens === 0 && !purse.rest;
    purse.refusedUntil = purse.refused ? askAgainAt : undefined;
    purse.budget = budget;
    desk.version++;
    // The day's budget comes back by itself, and what is at work may leave enough for the next.
    if (!purse.refused || !isForGood(askAgainAt) || working(desk.board) > 0) return;
    // One that has landed is about to give back what it did not spend, and the next question may be granted.
    if (!isIdle(desk) && patched('broke-when-idle')) return;
    void tellBroke(desk);
  });
};

/** A convoy's own budget has no date. */
const isForGood = (askAgainAt: number | undefined): boolean =>
  askAgainAt === undefined || askAgainAt === Number.MAX_SAFE_INTEGER;

/**
 * Reserves a bead's token cap before it starts; asks the convoy where the purse does not hold it. False while an answer
 * is outstanding: nothing is started that could not finish. With nothing at work that could leave more, a bead may
 * start with the rest of the budget as its cap.
 */
export const fundBead = async (desk: EpicDesk, id: string): Promise<boolean> => {
  const { purse, input } = desk;
  const one = desk.board.get(id);
  const wanted = one?.caps.tokens ?? 0;
  const lacking = ask(purse.ledger, wanted);
  if (lacking === 0) {
    purse.ledger = reserve(purse.ledger, id, wanted).ledger;
    return true;
  }
  const free = freeTokens(purse.ledger) ?? 0;
  const least = leastPart(wanted);
  if (purse.rest === true && one !== undefined && free >= least) {
    purse.rest = false;
    one.caps = { ...one.caps, tokens: free };
    purse.ledger = reserve(purse.ledger, id, free).ledger;
    return true;
  }
  const over = purse.refusedUntil !== undefined && Date.now() >= purse.refusedUntil;
  if (purse.asking || (purse.refused && !over)) return false;
  purse.asking = true;
  purse.wanted = wanted;
  await getExternalWorkflowHandle(workflowId.convoy(input.convoy)).signal(askAllowance, {
    from: input.plan.id,
    workflowId: workflowId.epic(input.convoy, input.plan.id),
    tokens: lacking,
    names: 0,
    ...(isIdle(desk) ? { least: ask(purse.ledger, least) } : {}),
  });
  return false;
};

/** Whether nobody is left who may give tokens back: one that has landed and cleans up does so in a moment, a parked one does not. */
const isIdle = ({ board }: EpicDesk): boolean =>
  [...board.values()].every(({ open, state }) => state !== 'working' && (!open || state === 'parked'));

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
