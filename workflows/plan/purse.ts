import { condition, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { allowanceShape } from '../domain/messageShapes.ts';
import { workflowId } from '../domain/naming.ts';
import { type Allowance, allowance, returnAllowance } from '../messages.ts';
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
): Promise<(spent: number) => Promise<void>> => {
  const { settings, convoy } = desk.input;
  if (!settings.dailyBudget) return async () => {};
  const tokens = estimate + desk.replyTokens;
  const id = `${workflowInfo().runId}/${desk.usage.calls}/${Date.now()}`;
  const from = workflowId.plan(convoy);
  let answer: Allowance | undefined;
  receive(allowance, allowanceShape, (told) => {
    if (told.askId === id) answer = told;
  });
  const ask = { id, convoy: from, workflowId: from, tokens, names: 0 };
  await townActivities(settings.pace).askTown.executeWithOptions({ summary: `ask for ${tokens} tokens` }, [
    ask,
  ]);
  await condition(() => answer !== undefined);
  const { tokens: granted = tokens, day = '' } = answer ?? {};
  if (granted < tokens) {
    throw planFailed(desk, {
      type: 'BudgetExhausted',
      what: 'The budget of the day has too little left for planning.',
      evidence: `town.budget.tokensPerDay; the next call needs about ${tokens} tokens`,
      next: 'Launch the epic again tomorrow, or raise the budget: gt budget raise-day TOKENS.',
    });
  }
  return async (spent) => {
    const left = granted - spent;
    if (left <= 0) return;
    await getExternalWorkflowHandle(workflowId.town)
      .signal(returnAllowance, { from, tokens: left, day })
      .catch(() => undefined); // a town that was ended by hand keeps no books
  };
};
