import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { fleetMarkdown } from './domain/fleet/markdown.ts';
import { defaultPace } from './domain/pace.ts';
import { applyPlan } from './fleet/apply.ts';
import { type FleetInput, fleetStatusOf, newFleetDesk } from './fleet/desk.ts';
import { handleFleetMessages } from './fleet/messages.ts';
import { planners, townActivities } from './proxies.ts';

export type { FleetInput } from './fleet/desk.ts';

/**
 * All hosts together: which model is resident where, and when to swap, from the work that is coming. It holds no lease and no
 * call: when it ends its hosts go on by their own rule, and when it starts again it asks for everything anew.
 */
export async function fleet(input: FleetInput): Promise<void> {
  const desk = newFleetDesk(input);
  handleFleetMessages(desk);
  if (input.carried === undefined) await townActivities(defaultPace).askStages();
  // What was carried on is planned for at once: its hosts have lost their orders.
  let planned = input.carried === undefined ? 0 : -1;
  for (;;) {
    await news();
    if (workflowInfo().continueAsNewSuggested) break;
    planned = desk.version;
    const made = await planners.planFleet(desk.known, Date.now());
    desk.plan = made.plan;
    desk.demand = made.demand;
    applyPlan(desk, made);
    setCurrentDetails(fleetMarkdown(fleetStatusOf(desk)));
    // What comes in a bunch is planned for twice at most: at once, and when all of it is there.
    if (desk.pace.gatherMs > 0)
      await sleep(desk.pace.gatherMs, { summary: 'gather what hosts and epics tell' });
  }
  await condition(allHandlersFinished);
  return continueAsNew<typeof fleet>({ ...input, carried: desk.known });

  /** Waits for something to plan for: news, or the moment that the last plan named. The time itself decides nothing here. */
  async function news(): Promise<void> {
    const isNew = (): boolean => desk.version !== planned;
    const againAt = desk.plan?.againAt;
    if (againAt === undefined) return condition(isNew);
    await condition(isNew, Math.max(1, againAt - Date.now()), {
      summary: 'until the plan is looked at again',
    });
  }
}
