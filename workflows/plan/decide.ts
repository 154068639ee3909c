import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ActivityFailure,
  ParentClosePolicy,
  setHandler,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { failureFrom } from '../activityFailure.ts';
import { convoy } from '../convoy.ts';
import { type Amounts, amountsOf } from '../domain/budget/budgetUse.ts';
import type { ConvoyInput } from '../domain/convoy.ts';
import type { Failure } from '../domain/failure.ts';
import { approvalShape, reasonShape, revisionShape } from '../domain/messageShapes.ts';
import { workflowId } from '../domain/naming.ts';
import type { PlanDraft } from '../domain/plan/planning.ts';
import { longestSummary, markdownText } from '../domain/text.ts';
import { type ApprovedPlan, approvePlan, rejectPlan, revisePlan } from '../messages.ts';
import { refused, refuseUnfit } from '../receive.ts';
import { describedBy } from '../searchAttributes.ts';
import type { PlanDesk } from './desk.ts';
import { planning } from './draft.ts';
import { refusal, unusable } from './end.ts';

/** What a person may do with a plan that waits. One thing at a time; a refusal leaves it waiting. */
export const handleDecisions = (desk: PlanDesk): void => {
  const waits = (): void => {
    if (desk.busy) throw refused('A decision on this plan is being carried out. Ask again in a moment.');
    if (desk.state !== 'waiting') throw refused(notWaiting(desk));
  };

  setHandler(
    approvePlan,
    ({ edited }) =>
      alone(desk, async () =>
        launch(desk, edited === undefined ? draftOf(desk) : await revised(desk, edited)),
      ),
    {
      description: 'Launches the plan as a convoy',
      validator: (request: unknown) => {
        refuseUnfit('approvePlan', approvalShape, request);
        waits();
      },
    },
  );
  setHandler(revisePlan, ({ edited }) => alone(desk, () => revised(desk, edited)), {
    description: 'Puts an edited plan in its place',
    validator: (request: unknown) => {
      refuseUnfit('revisePlan', revisionShape, request);
      waits();
    },
  });
  setHandler(
    rejectPlan,
    ({ reason }) => {
      desk.reason = reason;
      desk.state = 'rejected';
      return 'rejected: nothing was started';
    },
    {
      description: 'Ends the plan without starting anything',
      validator: (request: { readonly reason: string }) => {
        refuseUnfit('rejectPlan', reasonShape, request);
        waits();
      },
    },
  );
};

/** Starts the convoy; it outlives the plan. Throws a refusal when another convoy has the name. */
export const launch = async (desk: PlanDesk, draft: PlanDraft): Promise<ApprovedPlan> => {
  const { convoy: name, rig, settings, epicFile } = desk.input;
  const compiled = await planning(desk.input).compilePlan({
    convoy: name,
    rig,
    planRef: draft.planRef,
    settings,
  });
  const input = withoutPlanning(compiled, amountsOf(desk.usage));
  try {
    await startChild(convoy, {
      workflowId: workflowId.convoy(name),
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      priority: { fairnessKey: name },
      // As `gt convoy launch` writes it: read without a worker when somebody launches another plan under this name.
      memo: { planHash: input.planHash, planFile: epicFile },
      staticSummary: markdownText(input.title, longestSummary),
      typedSearchAttributes: describedBy(settings.searchAttributes, {
        role: 'convoy',
        convoy: name,
        state: 'opening',
      }),
      args: [input],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw refusal(taken(name, input.planHash));
  }
  desk.draft = draft;
  desk.state = 'launched';
  const { planHash, settings: pinned } = input;
  const until = pinned.until === undefined ? {} : { until: pinned.until };
  return { convoy: name, planHash, beads: draft.beads, ...until };
};

/** What the mayor has spent is part of what the convoy may spend (G7). */
const withoutPlanning = (input: ConvoyInput, spent: Amounts): ConvoyInput => {
  const { tokens, money } = input.settings;
  const left = {
    ...(tokens === undefined ? {} : { tokens: Math.max(1, tokens - spent.tokens) }),
    ...(money === undefined ? {} : { money: Math.max(1, money - spent.money) }),
  };
  return { ...input, settings: { ...input.settings, ...left } };
};

const revised = async (desk: PlanDesk, edited: string): Promise<PlanDraft> => {
  const { convoy: name, rig } = desk.input;
  const commit = desk.shown?.commit ?? '';
  const read = await planning(desk.input).checkPlan({ convoy: name, rig, commit, planRef: edited });
  if (read.outcome === 'refused') {
    throw refusal(
      unusable('The edited plan cannot be used.', read.faults, `Correct it: gt plan edit ${name}`),
    );
  }
  desk.draft = read.draft;
  return read.draft;
};

const alone = async <T>(desk: PlanDesk, act: () => Promise<T>): Promise<T> => {
  desk.busy = true;
  try {
    return await act();
  } catch (error) {
    // What an activity says is for the person who asked; the plan goes on waiting.
    throw error instanceof ActivityFailure ? refusal(failureFrom(error)) : error;
  } finally {
    desk.busy = false;
  }
};

const draftOf = (desk: PlanDesk): PlanDraft => {
  if (desk.draft === undefined) throw refused('There is no plan yet.');
  return desk.draft;
};

const notWaiting = (desk: PlanDesk): string =>
  ({
    drafting: 'This plan is still being drafted.',
    waiting: '',
    launched: 'This plan has been launched already.',
    rejected: 'This plan was rejected; launch the epic again for a new one.',
    failed: 'This plan has failed; launch the epic again for a new one.',
  })[desk.state];

const taken = (name: string, planHash: string): Failure => ({
  type: 'PlanConflict',
  what: `A convoy named ${name} is running with another plan.`,
  evidence: `this plan is ${planHash.slice(0, 16)}`,
  next: `Wait for its end or end it (gt cancel ${name}), then gt plan approve ${name}; or launch the epic under another name (--convoy NAME).`,
});
