import { condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import { type Allowance, allowance } from '../messages.ts';
import { townActivities } from '../proxies.ts';
import type { ConvoyDesk } from './desk.ts';

/** Takes polecat names from the town's pool, one a bead, and shares them out among the epics. */
export const takeNames = async (desk: ConvoyDesk): Promise<void> => {
  const { convoy, settings, epics } = desk.input;
  const names = epics.reduce((sum, { beads }) => sum + beads.length, 0);
  await townActivities(settings.pace).askTown.executeWithOptions({ summary: `ask for ${names} names` }, [
    { convoy, tokens: 0, names },
  ]);
  await condition(() => desk.names !== undefined);
  const pool = [...(desk.names ?? [])];
  for (const epic of desk.epics.values()) epic.names = pool.splice(0, epic.plan.beads.length);
};

/**
 * Answers the epics that asked for tokens: out of the convoy's own budget, then the town's for the day. What the town
 * grants comes back as a signal and is passed on; a refusal says when to ask again.
 */
export const grantTokens = async (desk: ConvoyDesk): Promise<void> => {
  const { settings } = desk.input;
  for (let ask = desk.asks.shift(); ask !== undefined; ask = desk.asks.shift()) {
    const wanted = ask.tokens ?? 0;
    const left = desk.budget === undefined ? wanted : Math.max(0, desk.budget - desk.granted);
    // Part of a bead's cap would start work that cannot finish.
    const own = left < wanted ? 0 : wanted;
    let answer = { tokens: own, askAgainAt: undefined as number | undefined };
    if (own > 0 && settings.dailyBudget) {
      const fromTown = await askTown(desk, own);
      answer = { tokens: fromTown.tokens ?? own, askAgainAt: fromTown.askAgainAt };
    }
    desk.granted += answer.tokens;
    if (answer.tokens === 0) desk.refused.set(ask.from, ask);
    await getExternalWorkflowHandle(ask.workflowId)
      .signal(allowance, { ...answer, names: [] })
      .catch(() => undefined); // the epic has ended meanwhile
  }
};

const askTown = async (desk: ConvoyDesk, tokens: number): Promise<Allowance> => {
  const { settings, convoy } = desk.input;
  desk.fromTown = undefined;
  await townActivities(settings.pace).askTown({ convoy, tokens, names: 0 });
  await condition(() => desk.fromTown !== undefined);
  return desk.fromTown ?? { tokens: 0, names: [], askAgainAt: undefined };
};
