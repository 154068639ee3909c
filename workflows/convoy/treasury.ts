import { CancellationScope, condition, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { ask, charge, chargedTokens, heldTokens, refund, reserve } from '../domain/allowance.ts';
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
 * when to ask again; part of a bead's cap would start work that cannot finish, so it is all or nothing.
 */
export const grantTokens = async (desk: ConvoyDesk): Promise<void> => {
  while (desk.asks.length > 0 && !isCancelled()) {
    const one = desk.asks.shift();
    if (one === undefined) return;
    // An epic that asks again has told what it lacks now.
    desk.refused.delete(one.from);
    const answer = await answerTo(desk, one);
    if (answer.tokens === 0) desk.refused.set(one.from, one);
    await getExternalWorkflowHandle(one.workflowId)
      .signal(allowance, answer)
      .catch(() => undefined); // the epic has ended meanwhile
  }
};

/** Charges what an ended epic spent; what it held unspent can be granted to others. */
export const settleEpic = (desk: ConvoyDesk, epic: string, spent: number): void => {
  desk.ledger = refund(charge(desk.ledger, epic, spent), epic);
};

/** What the day's budget lent and nobody spent goes back to the town; not what an epic holds that has told nothing. */
export const returnToTown = async (desk: ConvoyDesk): Promise<void> => {
  const { tokens, day } = desk.fromDay;
  const left = tokens - chargedTokens(desk.ledger) - heldTokens(desk.ledger);
  if (!desk.input.settings.dailyBudget || left <= 0) return;
  await getExternalWorkflowHandle(workflowId.town)
    .signal(returnAllowance, { from: desk.input.convoy, tokens: left, day })
    .catch(() => undefined); // a town that was ended by hand keeps no books
};

const isCancelled = (): boolean => CancellationScope.current().consideredCancelled;

const answerTo = async (desk: ConvoyDesk, one: AskAllowance): Promise<Allowance> => {
  const wanted = one.tokens ?? 0;
  if (ask(desk.ledger, wanted) > 0) return { tokens: 0, names: [], askAgainAt: undefined };
  if (desk.input.settings.dailyBudget) {
    // The town books its answer in any case, and a cancelled convoy has to give it back.
    const answer = await CancellationScope.nonCancellable(() => askTown(desk, wanted));
    if (answer.tokens === 0) return answer;
    desk.fromDay = { tokens: desk.fromDay.tokens + wanted, day: answer.day ?? desk.fromDay.day };
  }
  desk.ledger = reserve(desk.ledger, one.from, wanted).ledger;
  return { tokens: wanted, names: [], askAgainAt: undefined };
};

const askTown = async (desk: ConvoyDesk, tokens: number): Promise<Allowance> => {
  const { settings, convoy } = desk.input;
  desk.fromTown = undefined;
  await townActivities(settings.pace).askTown({ id: nextAsk(desk), convoy, tokens, names: 0 });
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
