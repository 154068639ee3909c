import { condition, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { Amounts } from '../domain/budget/budgetUse.ts';
import { costOf, moneyText } from '../domain/budget/money.ts';
import type { Failure } from '../domain/failure.ts';
import { allowanceShape } from '../domain/messageShapes.ts';
import { workflowId } from '../domain/naming.ts';
import { type Allowance, allowance, returnAllowance, spending } from '../messages.ts';
import { townActivities } from '../proxies.ts';
import { receive } from '../receive.ts';
import type { PlanDesk } from './desk.ts';
import { planFailed } from './end.ts';

/**
 * Tokens of the day's budget for one call (G7). Returns what is called with the cost afterwards: what was not spent goes
 * back. A day that has nothing left fails the plan: a person waits for it and decides better than a timer.
 */
export const fundCall = async (
  desk: PlanDesk,
  estimate: number,
): Promise<(spent: Amounts) => Promise<void>> => {
  const { settings } = desk.input;
  if (!settings.dailyBudget && !settings.dailyMoney) return async () => {};
  const whole = estimate + desk.replyTokens;
  const tokens = settings.dailyBudget ? whole : 0;
  const money = settings.dailyMoney ? callCost(desk, estimate) : 0;
  // Nothing of either is counted: a model without a price, on a day that has only a budget of money.
  if (tokens === 0 && money === 0) return async () => {};
  const id = `${workflowInfo().runId}/${desk.usage.calls}/${Date.now()}`;
  const from = workflowInfo().workflowId;
  let answer: Allowance | undefined;
  receive(allowance, allowanceShape, (told) => {
    if (told.askId === id) answer = told;
  });
  const ask = {
    ...{ id, convoy: from, workflowId: from, tokens, names: 0 },
    ...(settings.dailyMoney ? { money } : {}),
  };
  await townActivities(settings.pace).askTown.executeWithOptions({ summary: `ask for ${whole} tokens` }, [
    ask,
  ]);
  await condition(() => answer !== undefined);
  const { tokens: granted = tokens, money: lent = 0, day = '' } = answer ?? {};
  if (granted < tokens || lent < money) throw planFailed(desk, tooLittle(desk, whole, money, answer?.lacks));
  const town = getExternalWorkflowHandle(workflowId.town);
  return async (spent) => {
    // A town that was ended by hand keeps no books.
    if (settings.tells !== undefined && spent.tokens > 0)
      await town.signal(spending, { from, ...spent }).catch(() => undefined);
    const back = { tokens: Math.max(0, granted - spent.tokens), money: Math.max(0, lent - spent.money) };
    if (back.tokens === 0 && back.money === 0) return;
    await town
      .signal(returnAllowance, {
        ...{ from, tokens: back.tokens, day },
        ...(back.money === 0 ? {} : { money: back.money }),
      })
      .catch(() => undefined);
  };
};

/** What a call costs at most, in millionths: nothing where the mayor has no price. */
export const callCost = ({ input, replyTokens }: PlanDesk, estimate: number): number => {
  const { price } = input.mayor;
  return price === undefined ? 0 : costOf({ promptTokens: estimate, completionTokens: replyTokens }, price);
};

const tooLittle = (
  { input }: PlanDesk,
  tokens: number,
  money: number,
  lacks: Allowance['lacks'],
): Failure => {
  const isMoney = lacks === 'money';
  return {
    type: 'BudgetExhausted',
    what: 'The budget of the day has too little left for planning.',
    evidence: isMoney
      ? `town.budget.moneyPerDay; the next call may cost ${moneyText(money, input.settings.currency)}`
      : `town.budget.tokensPerDay; the next call needs about ${tokens} tokens`,
    next: `Launch the epic again tomorrow, or raise the budget: gt budget raise-day ${isMoney ? '--money AMOUNT' : 'TOKENS'}.`,
  };
};
