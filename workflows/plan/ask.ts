import { CancellationScope, condition, isCancellation, patched } from '@temporalio/workflow';
import { failureFrom, overdue, restOf, usageFrom } from '../activityFailure.ts';
import {
  callTimeout,
  failedAgain,
  isTrouble,
  mostTimeouts,
  pauseAfter,
  type Trouble,
} from '../domain/bead/trouble.ts';
import { amountsOf } from '../domain/budget/budgetUse.ts';
import type { Failure } from '../domain/failure.ts';
import { noUsage } from '../domain/host/model.ts';
import { closedFor } from '../domain/host/outlook.ts';
import { mayorName, overBudget, overMoney, planCalls } from '../domain/plan/planning.ts';
import type { ComposedPrompt, PlannerReply } from '../ports.ts';
import { inferenceActivities, mayorActivities, townActivities } from '../proxies.ts';
import { type PlanDesk, spend } from './desk.ts';
import { planFailed } from './end.ts';
import { callCost, fundCall } from './purse.ts';

/** A person waits for the plan: after so many calls that brought nothing it is theirs to decide whether to go on. */
const mostCalls = 6;

/** One reply of the mayor. What keeps it from answering passes, so it is asked again; all else ends the plan. */
export const askMayor = async (desk: PlanDesk, prompt: ComposedPrompt): Promise<PlannerReply> => {
  const { input } = desk;
  const { pace, tokens } = input.settings;
  desk.step = 'asking';
  let trouble: Trouble | undefined;
  for (;;) {
    const spent = amountsOf(desk.usage);
    const over =
      overBudget(input.convoy, tokens, spent.tokens, prompt.estimatedTokens) ??
      overMoney(input.convoy, input.settings, spent.money, callCost(desk, prompt.estimatedTokens));
    if (over !== undefined) throw planFailed(desk, over);
    const settle = await fundCall(desk, prompt.estimatedTokens);
    try {
      const reply = await call(desk, prompt);
      spend(desk, reply.usage);
      desk.waiting = undefined;
      return reply;
    } catch (error) {
      const failure = failureOf(desk, error);
      spend(desk, usageFrom(error) ?? noUsage);
      if (isCancellation(error)) throw error;
      trouble = failedAgain(trouble, mayorName(input.mayor), { since: Date.now(), failure });
      const { calls = 0, timeouts = 0 } = trouble.failed ?? {};
      if (!isTrouble(failure) || calls >= mostCalls || timeouts >= mostTimeouts)
        throw planFailed(desk, failure);
      desk.waiting = failure;
      const pause = Math.max(pauseAfter(trouble, pace), restOf(error));
      await condition(() => false, pause, { summary: `until ${mayorName(input.mayor)} is asked again` });
    } finally {
      const now = amountsOf(desk.usage);
      const more = { tokens: now.tokens - spent.tokens, money: now.money - spent.money };
      await CancellationScope.nonCancellable(() => settle(more));
    }
  }
};

const call = async (desk: PlanDesk, prompt: ComposedPrompt): Promise<PlannerReply> => {
  const { mayor, convoy, rig, settings } = desk.input;
  const turn = desk.turns;
  const summary = `turn ${turn} by ${mayorName(mayor)}`;
  if (mayor.kind === 'own') return ownMayor(desk, mayor.model, mayor.callTimeoutMs, prompt, summary);
  const { promptRef, estimatedTokens } = prompt;
  return mayorActivities(mayor.callTimeoutMs, settings.pace).askPlanner.executeWithOptions({ summary }, [
    { convoy, rig, promptRef, estimatedTokens, turn },
  ]);
};

/** Through the model's queue like a polecat's calls (G8). While it waits, the plan looks now and then at why. */
const ownMayor = async (
  desk: PlanDesk,
  model: string,
  callTimeoutMs: number,
  { promptRef, estimatedTokens }: ComposedPrompt,
  summary: string,
): Promise<PlannerReply> => {
  const { convoy, settings } = desk.input;
  const { pace } = settings;
  const scope = new CancellationScope();
  let over = false;
  const asked = scope
    .run(() =>
      inferenceActivities(model, callTimeoutMs, convoy, { pace, urgency: 1 }).infer.executeWithOptions(
        { summary },
        [
          {
            model,
            promptRef,
            estimatedTokens,
            bead: desk.input.calls ?? planCalls(convoy),
            turn: desk.turns,
          },
        ],
      ),
    )
    .finally(() => {
      over = true;
    });
  // Watched below; without this an early failure would be an unhandled rejection.
  asked.catch(() => undefined);
  let shut: { readonly since: number; readonly waitedMs: number } | undefined;
  for (let next = pace.outlookFirstMs; !(await condition(() => over, next)); next = pace.outlookLaterMs) {
    const outlook = await townActivities(pace).modelOutlook(model);
    shut = shut === undefined ? { since: Date.now(), waitedMs: 0 } : stillShut(shut, next);
    const closed = closedFor(model, outlook, { waitedMs: shut.waitedMs, pace });
    if (closed === undefined) shut = undefined;
    desk.waiting = closed?.failure;
    if (closed?.giveUp) {
      scope.cancel();
      await asked.catch(() => undefined);
      throw planFailed(desk, closed.failure);
    }
  }
  return asked;
};

/** Counts timers that ran out: the time of a task, by which older histories went, is another one in a replay. */
const stillShut = <T extends { readonly since: number; readonly waitedMs: number }>(
  shut: T,
  ranMs: number,
): T => ({
  ...shut,
  waitedMs: patched('plan-waits-by-timer') ? shut.waitedMs + ranMs : Date.now() - shut.since,
});

const failureOf = (desk: PlanDesk, error: unknown): Failure => {
  const late = overdue(error);
  if (late === undefined) return failureFrom(error);
  const { mayor } = desk.input;
  const failure = callTimeout(mayorName(mayor), mayor.callTimeoutMs, undefined);
  if (mayor.kind === 'own') return failure;
  return { ...failure, next: 'Raise roles.mayor.timeout in gastown.yaml, then launch the epic again.' };
};
