import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { failedBy } from './activityFailure.ts';
import { planMarkdown } from './domain/plan/planBoard.ts';
import { mayLaunchUnasked, type PlanInput, type PlanResult } from './domain/plan/planning.ts';
import { planInputFault, unfitPlanInput } from './domain/plan/planShape.ts';
import { planStatus } from './messages.ts';
import { handleDecisions, launch } from './plan/decide.ts';
import { newPlanDesk, statusOf } from './plan/desk.ts';
import { draftPlan } from './plan/draft.ts';
import { refusal } from './plan/end.ts';
import { takeLetterBack, tellIfItWaits, tellItFailed, tellsOfPlans } from './plan/tell.ts';

/**
 * An epic in prose on its way to a convoy: the mayor drafts a plan, code checks it, a person approves, edits or rejects it.
 * Nothing that the mayor writes is started unseen unless the person said so beforehand (G9).
 */
export async function plan(input: PlanInput): Promise<PlanResult> {
  const fault = planInputFault(input, workflowInfo().workflowId);
  if (fault !== undefined) throw refusal(unfitPlanInput(fault));
  const desk = newPlanDesk(input);
  setHandler(planStatus, () => statusOf(desk), {
    description: 'The draft, what it cost, and what is to be decided',
  });
  handleDecisions(desk);
  const show = (): void => setCurrentDetails(planMarkdown(statusOf(desk)));
  const tells = tellsOfPlans();

  try {
    show();
    desk.draft = await draftPlan(desk);
    desk.step = undefined;
    if (mayLaunchUnasked(input.approved, desk.draft.findings)) await launch(desk, desk.draft);
    else {
      desk.state = 'waiting';
      show();
      if (tells) await tellIfItWaits(desk);
      await condition(() => desk.state !== 'waiting');
    }
    // Its convoy takes the place of all that was said before it.
    if (tells && desk.state === 'rejected') await takeLetterBack(desk);
    return {
      convoy: input.convoy,
      state: desk.state === 'launched' ? 'launched' : 'rejected',
      planHash: desk.draft.planHash,
      usage: desk.usage,
    };
  } catch (error) {
    if (isCancellation(error)) {
      desk.state = 'rejected';
      desk.reason = 'cancelled';
      if (tells) await CancellationScope.nonCancellable(() => takeLetterBack(desk));
      throw error;
    }
    desk.state = 'failed';
    const failed = failedBy(error, (failure) => {
      desk.failure = failure;
    });
    if (tells && desk.failure !== undefined) await tellItFailed(desk, desk.failure);
    throw failed;
  } finally {
    show();
    await condition(allHandlersFinished);
  }
}
