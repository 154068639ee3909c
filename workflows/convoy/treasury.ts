import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import { ask, charge, chargedTokens, freeTokens, heldTokens, refund, reserve } from '../domain/allowance.ts';
import { workflowId } from '../domain/naming.ts';
import { type Allowance, type AskAllowance, allowance, returnAllowance } from '../messages.ts';
import { townActivities } from '../proxies.ts';
import type { ConvoyDesk } from './desk.ts';

/** Takes polecat names from the town's pool, one a bead, and shares them out among the epics. */
export const takeNames = async (desk: ConvoyDesk): Promise<void> => {
  const { convoy, settings, epics } = desk.input;
  const names = epics.reduce((sum, { beads }) => sum + beads.length, 0);
  await townActivities(settings.pace).askTown.executeWithOptions({ summary: `ask for ${names} names` }, [
    { id: nextAsk(desk), convoy, tokens: 0, names },
  ]);
  await condition(() => desk.names !== undefined);
  const pool = [...(desk.names ?? [])];
  for (const epic of desk.epics.values()) epic.names = pool.splice(0, epic.plan.beads.length);
};

/**
 * Answers the epics that asked for tokens: out of the convoy's own budget, then the town's for the day. A refusal says
 * when to ask again. It is all or nothing, since part of a bead's cap may start work that cannot finish, unless nothing
 * else is at work that could leave more, and the part is worth beginning with.
 */
export const grantTokens = async (desk: ConvoyDesk): Promise<void> => {
  while (desk.asks.length > 0 && !isCancelled()) {
    const one = desk.asks.shift();
    if (one === undefined) return;
    // An epic that asks again has told what it lacks now.
    desk.refused.delete(one.from);
    const answer = await answerTo(desk, one);
    if (answer.tokens === 0 && answer.rest !== true) desk.refused.set(one.from, one);
    await getExternalWorkflowHandle(one.workflowId)
      .signal(allowance, answer)
      .catch(() => undefined); // the epic has ended meanwhile
  }
};

/** Charges what an ended epic spent; what it held unspent can be granted to others. */
export const settleEpic = (desk: ConvoyDesk, epic: string, spent: number): void => {
  desk.ledger = refund(charge(desk.ledger, epic, spent), epic);
};

/** Epics that were refused have asked already. */
export const askAgain = (desk: ConvoyDesk): void => {
  desk.asks.push(...desk.refused.values());
  desk.refused.clear();
};

/** What an epic that has ended left unspent is for those beside it that were refused: nobody else would tell them. */
export const passOn = async (desk: ConvoyDesk): Promise<void> => {
  if (desk.refused.size === 0 || isCancelled() || !patched('rest-of-an-epic-is-passed-on')) return;
  for (const id of desk.refused.keys()) if (desk.epics.get(id)?.state !== 'running') desk.refused.delete(id);
  await returnToTown(desk);
  askAgain(desk);
};

/** What the day's budget lent and nobody spent goes back to the town; not what an epic holds that has told nothing. */
export const returnToTown = async (desk: ConvoyDesk): Promise<void> => {
  const { tokens, day } = desk.fromDay;
  const left = tokens - chargedTokens(desk.ledger) - heldTokens(desk.ledger);
  if (!desk.input.settings.dailyBudget || left <= 0) return;
  desk.fromDay = { tokens: tokens - left, day };
  await getExternalWorkflowHandle(workflowId.town)
    .signal(returnAllowance, { from: desk.input.convoy, tokens: left, day })
    .catch(() => undefined); // a town that was ended by hand keeps no books
};

const isCancelled = (): boolean => CancellationScope.current().consideredCancelled;

const answerTo = async (desk: ConvoyDesk, one: AskAllowance): Promise<Allowance> => {
  const wanted = one.tokens ?? 0;
  const left = freeTokens(desk.ledger) ?? Number.MAX_SAFE_INTEGER;
  const lacks = ask(desk.ledger, wanted) > 0;
  if (lacks && (one.least === undefined || left < one.least)) return refusal(desk, left);
  let given = lacks ? left : wanted;
  if (desk.input.settings.dailyBudget && !(lacks && given === 0)) {
    // The town books its answer in any case, and a cancelled convoy has to give it back.
    const answer = await CancellationScope.nonCancellable(() => askTown(desk, given, one.least));
    if (answer.tokens === 0) return answer;
    given = answer.tokens ?? given;
    desk.fromDay = { tokens: desk.fromDay.tokens + given, day: answer.day ?? desk.fromDay.day };
  }
  desk.ledger = reserve(desk.ledger, one.from, given).ledger;
  return { tokens: given, names: [], askAgainAt: undefined, ...(given < wanted ? { rest: true } : {}) };
};

const refusal = ({ ledger: { granted } }: ConvoyDesk, left: number): Allowance => ({
  ...{ tokens: 0, names: [], askAgainAt: undefined },
  ...(granted === undefined ? {} : { budget: { granted, left } }),
});

const askTown = async (desk: ConvoyDesk, tokens: number, least: number | undefined): Promise<Allowance> => {
  const { settings, convoy } = desk.input;
  desk.fromTown = undefined;
  const wanted = { tokens, names: 0, ...(least === undefined ? {} : { least: Math.min(least, tokens) }) };
  await townActivities(settings.pace).askTown({ id: nextAsk(desk), convoy, ...wanted });
  await condition(() => desk.fromTown !== undefined);
  return desk.fromTown ?? { tokens: 0, names: [], askAgainAt: undefined };
};

/** An answer to any other question than the last one is too late and is not heard. */
export const isAwaited = (desk: ConvoyDesk, { askId }: Allowance): boolean =>
  askId === undefined || askId === askName(desk);

const nextAsk = (desk: ConvoyDesk): string => {
  desk.asked++;
  return askName(desk);
};

/** The run's id makes the questions of a convoy that is launched again new ones. */
const askName = ({ asked }: ConvoyDesk): string => `${workflowInfo().runId}/${asked}`;
