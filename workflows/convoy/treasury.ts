import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import {
  charge,
  chargedTokens,
  freeTokens,
  heldTokens,
  isRefusal,
  type Ledger,
  partOf,
  partWithin,
  refund,
  reserve,
} from '../domain/budget/allowance.ts';
import type { Amounts, Currency } from '../domain/budget/budgetUse.ts';
import type { Limits } from '../domain/convoy.ts';
import { spentMoney, totalTokens, type Usage } from '../domain/host/model.ts';
import { workflowId } from '../domain/naming.ts';
import { type Allowance, type AskAllowance, allowance, returnAllowance } from '../messages.ts';
import { townActivities } from '../proxies.ts';
import type { ConvoyDesk } from './desk.ts';
import { tellSpending } from './spending.ts';

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
    if (isRefusal(answer)) desk.refused.set(one.from, one);
    await getExternalWorkflowHandle(one.workflowId)
      .signal(allowance, answer)
      .catch(() => undefined); // the epic has ended meanwhile
  }
};

/** Charges what an ended epic spent; what it held unspent can be granted to others. */
export const settleEpic = (desk: ConvoyDesk, epic: string, usage: Usage): void => {
  desk.ledger = refund(charge(desk.ledger, epic, totalTokens(usage)), epic);
  desk.money = refund(charge(desk.money, epic, spentMoney(usage)), epic);
  tellSpending(desk);
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
  const { settings, convoy } = desk.input;
  const { day, ...lent } = desk.fromDay;
  const left = (granted: number, ledger: Ledger): number =>
    Math.max(0, granted - chargedTokens(ledger) - heldTokens(ledger));
  const tokens = settings.dailyBudget ? left(lent.tokens, desk.ledger) : 0;
  const money = settings.dailyMoney ? left(lent.money, desk.money) : 0;
  if (tokens === 0 && money === 0) return;
  desk.fromDay = { tokens: lent.tokens - tokens, money: lent.money - money, day };
  await getExternalWorkflowHandle(workflowId.town)
    .signal(returnAllowance, { from: convoy, tokens, day, ...(money === 0 ? {} : { money }) })
    .catch(() => undefined); // a town that was ended by hand keeps no books
};

const isCancelled = (): boolean => CancellationScope.current().consideredCancelled;

const answerTo = async (desk: ConvoyDesk, one: AskAllowance): Promise<Allowance> => {
  const wanted = { tokens: one.tokens ?? 0, money: one.money ?? 0 };
  // Both or neither: money without tokens starts no bead, and tokens without money would be spent all the same.
  const own = epicLeft(desk, one.from);
  const part = {
    tokens: partWithin(own.tokens, wanted.tokens, one.least),
    money: partWithin(own.money, wanted.money, one.leastMoney),
  };
  if (part.tokens === undefined) return epicRefusal(desk, one.from, 'tokens');
  if (part.money === undefined) return epicRefusal(desk, one.from, 'money');
  const tokens = partOf(desk.ledger, part.tokens, one.least);
  const money = partOf(desk.money, part.money, one.leastMoney);
  if (tokens === undefined) return refusal(desk.ledger);
  if (money === undefined) return { ...refusal(desk.money), lacks: 'money' };
  let given: Amounts = { tokens, money };
  const { dailyBudget, dailyMoney } = desk.input.settings;
  const ofDay = { tokens: dailyBudget ? tokens : 0, money: dailyMoney ? money : 0 };
  if (ofDay.tokens > 0 || ofDay.money > 0) {
    // The town books its answer in any case, and a cancelled convoy has to give it back.
    const answer = await CancellationScope.nonCancellable(() => askTown(desk, ofDay, one));
    if (isRefusal(answer)) return answer;
    const granted = { tokens: answer.tokens ?? ofDay.tokens, money: answer.money ?? ofDay.money };
    given = {
      tokens: dailyBudget ? granted.tokens : tokens,
      money: dailyMoney ? granted.money : money,
    };
    desk.fromDay = {
      tokens: desk.fromDay.tokens + (dailyBudget ? granted.tokens : 0),
      money: desk.fromDay.money + (dailyMoney ? granted.money : 0),
      day: answer.day ?? desk.fromDay.day,
    };
  }
  desk.ledger = reserve(desk.ledger, one.from, given.tokens).ledger;
  desk.money = reserve(desk.money, one.from, given.money).ledger;
  return {
    tokens: given.tokens,
    names: [],
    askAgainAt: undefined,
    ...(one.money === undefined ? {} : { money: given.money }),
    ...(given.tokens < wanted.tokens || given.money < wanted.money ? { rest: true } : {}),
  };
};

/** What an epic's own budget leaves it, beside what it holds: that it gives to its next bead by itself. */
const epicLeft = (desk: ConvoyDesk, epic: string): Limits => {
  const { tokens, money } = desk.epics.get(epic)?.budget ?? {};
  const left = (limit: number, { held, charged }: Ledger): number =>
    Math.max(0, limit - (held[epic] ?? 0) - (charged[epic] ?? 0));
  return {
    ...(tokens === undefined ? {} : { tokens: left(tokens, desk.ledger) }),
    ...(money === undefined ? {} : { money: left(money, desk.money) }),
  };
};

const epicRefusal = (desk: ConvoyDesk, epic: string, of: Currency): Allowance => ({
  ...{ tokens: 0, names: [], askAgainAt: undefined },
  budget: {
    granted: desk.epics.get(epic)?.budget?.[of] ?? 0,
    left: epicLeft(desk, epic)[of] ?? 0,
    of: 'epic',
  },
  ...(of === 'money' ? { lacks: of } : {}),
});

const refusal = (ledger: Ledger): Allowance => ({
  ...{ tokens: 0, names: [], askAgainAt: undefined },
  ...(ledger.granted === undefined
    ? {}
    : { budget: { granted: ledger.granted, left: freeTokens(ledger) ?? 0 } }),
});

const askTown = async (
  desk: ConvoyDesk,
  { tokens, money }: Amounts,
  { least, leastMoney }: AskAllowance,
): Promise<Allowance> => {
  const { settings, convoy } = desk.input;
  desk.fromTown = undefined;
  const wanted = {
    ...{ tokens, names: 0 },
    ...(least === undefined ? {} : { least: Math.min(least, tokens) }),
    ...(settings.dailyMoney ? { money } : {}),
    ...(settings.dailyMoney && leastMoney !== undefined ? { leastMoney: Math.min(leastMoney, money) } : {}),
  };
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
