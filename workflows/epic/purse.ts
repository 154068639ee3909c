import { getExternalWorkflowHandle, patched } from '@temporalio/workflow';
import { ladderOf } from '../domain/bead/ladder.ts';
import {
  ask,
  charge,
  grant,
  isRefusal,
  type Ledger,
  leastPart,
  partOf,
  refund,
  reserve,
} from '../domain/budget/allowance.ts';
import { type Amounts, amountsOf, isWorthTelling, nothing } from '../domain/budget/budgetUse.ts';
import { mostFor } from '../domain/budget/money.ts';
import { type BoardBead, working } from '../domain/epicBoard.ts';
import type { Usage } from '../domain/host/model.ts';
import { allowanceShape } from '../domain/messageShapes.ts';
import { workflowId } from '../domain/naming.ts';
import { allowance, askAllowance, epicSpent, spending } from '../messages.ts';
import { receive } from '../receive.ts';
import { type EpicDesk, usageOf } from './desk.ts';
import { tellBroke } from './tell.ts';

/** Answers of the convoy: tokens for beads to come. */
export const handleAllowances = (desk: EpicDesk): void => {
  receive(allowance, allowanceShape, (answer) => {
    const { tokens, money = 0, askAgainAt, rest, budget, lacks } = answer;
    const { purse } = desk;
    purse.asking = false;
    purse.ledger = grant(purse.ledger, tokens);
    purse.money = grant(purse.money, money);
    // A raised budget is told without being asked again, so a refusal without a date waits for that.
    purse.rest = rest === true;
    purse.refused = isRefusal(answer);
    purse.refusedUntil = purse.refused ? askAgainAt : undefined;
    purse.budget = budget;
    purse.lacks = lacks;
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
  if (one === undefined) return false;
  const wanted = { tokens: one.caps.tokens, money: mostMoney(desk, one) };
  const lacking = { tokens: lack(purse.ledger, wanted.tokens), money: lack(purse.money, wanted.money) };
  const take = (given: Amounts): true => {
    purse.ledger = reserve(purse.ledger, id, given.tokens).ledger;
    purse.money = reserve(purse.money, id, given.money).ledger;
    return true;
  };
  if (lacking.tokens === 0 && lacking.money === 0) return take(wanted);
  const least = { tokens: leastPart(wanted.tokens), money: leastPart(wanted.money) };
  const given = {
    tokens: partOf(purse.ledger, wanted.tokens, least.tokens),
    money: partOf(purse.money, wanted.money, least.money),
  };
  if (purse.rest === true && given.tokens !== undefined && given.money !== undefined) {
    const { tokens, money } = given;
    purse.rest = false;
    one.caps = { ...one.caps, tokens, ...(money < wanted.money ? { money } : {}) };
    return take({ tokens, money });
  }
  if (purse.asking || (purse.refused && !endedBefore(purse))) return false;
  purse.asking = true;
  purse.wanted = wanted;
  await getExternalWorkflowHandle(workflowId.convoy(input.convoy)).signal(askAllowance, {
    from: input.plan.id,
    workflowId: workflowId.epic(input.convoy, input.plan.id),
    tokens: lacking.tokens,
    names: 0,
    ...(isIdle(desk) ? { least: lack(purse.ledger, least.tokens) } : {}),
    ...(input.moneyLimited ? { money: lacking.money } : {}),
    ...(input.moneyLimited && isIdle(desk) ? { leastMoney: lack(purse.money, least.money) } : {}),
  });
  return false;
};

/** Histories of before the timer said so went by the time of a task, which a replay may see as another one. */
const endedBefore = ({ refusedUntil }: EpicDesk['purse']): boolean =>
  refusedUntil !== undefined && Date.now() >= refusedUntil && !patched('refusals-end-by-timer');

/** What has to be asked for; a budget that is overdrawn does not hold up what costs nothing. */
const lack = (ledger: Ledger, wanted: number): number => (wanted === 0 ? 0 : ask(ledger, wanted));

/** What a bead may cost: its own cap, else its tokens on the dearest model that it may climb to. */
const mostMoney = ({ input }: EpicDesk, { caps, spec }: BoardBead): number => {
  const most = mostFor(
    caps.tokens,
    ladderOf(spec, input.settings).map(({ price }) => price),
  );
  return Math.min(caps.money ?? most, most);
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
export const settleBead = (desk: EpicDesk, one: BoardBead): void => {
  const { purse } = desk;
  const spent = one.spent === undefined || one.earlier ? nothing : amountsOf(one.spent.usage);
  purse.ledger = refund(charge(purse.ledger, one.spec.id, spent.tokens), one.spec.id);
  purse.money = refund(charge(purse.money, one.spec.id, spent.money), one.spec.id);
  // Less may be lacking now than what was refused: that is worth another question, and the date stays until its answer.
  purse.refused = false;
  tellSpending(desk);
};

/** Tells the convoy now and then what has been spent, where a budget waits for it: by steps of the budget, not by beads. */
export const tellSpending = (desk: EpicDesk): void => {
  const { settings, convoy, plan } = desk.input;
  if (settings.tells === undefined) return;
  const now = amountsOf(usageOf(desk));
  if (!isWorthTelling(now, desk.toldConvoy ?? nothing, settings.tells)) return;
  desk.toldConvoy = now;
  void getExternalWorkflowHandle(workflowId.convoy(convoy))
    .signal(spending, { from: plan.id, ...now })
    .catch(() => undefined); // a convoy that was ended by hand keeps no books
};
