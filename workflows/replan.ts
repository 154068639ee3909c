import { isCancellation } from '@temporalio/workflow';
import { failureFrom } from './activityFailure.ts';
import { noUsage } from './domain/host/model.ts';
import { beadKey } from './domain/naming.ts';
import type { ReplanInput, ReplanResult } from './domain/plan/replan.ts';
import { newPlanDesk, type PlanDesk } from './plan/desk.ts';
import { draftPlan } from './plan/draft.ts';
import { planActivities } from './proxies.ts';

/**
 * Asks the mayor how to go on instead of a bead that is blocked, by the same steps and checks as a plan. What it proposes
 * stands on the board of the epic and waits for a person. That it failed is a result: the epic has the cost from it (G7).
 */
export async function replan(input: ReplanInput): Promise<ReplanResult> {
  const { ref, rig, settings, mayor } = input;
  const { convoy } = ref;
  const rigCalls = planActivities({ rig, place: settings.place, convoy }, settings.pace);
  let desk: PlanDesk | undefined;
  const spent = () => desk?.usage ?? noUsage;
  try {
    const { epicRef } = await rigCalls.composeReplan({ ...input, convoy });
    desk = newPlanDesk({
      ...{ convoy, rig, epicRef, mayor, settings, approved: false },
      title: `Instead of: ${input.title}`,
      epicFile: `bead ${beadKey(ref)}`,
      replans: beadKey(ref),
    });
    const draft = await draftPlan(desk);
    const proposals = await rigCalls.readProposals({ convoy, rig, planRef: draft.planRef });
    const alarms = draft.findings.filter(({ level }) => level === 'alarm').length;
    return { proposals, alarms, failure: undefined, usage: spent() };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { proposals: [], alarms: 0, failure: desk?.failure ?? failureFrom(error), usage: spent() };
  }
}
