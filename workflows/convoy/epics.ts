import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { workflowId } from '../domain/naming.ts';
import { dependentsOf } from '../domain/plan/graph.ts';
import type { OpenedRig } from '../domain/rig.ts';
import { longestSummary, markdownText } from '../domain/text.ts';
import { epic } from '../epic.ts';
import { type Shutdown, shutdown } from '../messages.ts';
import { townActivities, waitingActivities } from '../proxies.ts';
import { describedBy } from '../searchAttributes.ts';
import { type ConvoyDesk, type ConvoyEpic, isLimited, isMoneyLimited } from './desk.ts';
import { passOn, settleEpic } from './treasury.ts';

/** Runs one epic to its end and notes how it went. Never throws: epics beside it go on. */
export const runEpic = async (desk: ConvoyDesk, id: string): Promise<void> => {
  const one = desk.epics.get(id);
  const rig = one && desk.rigs.get(one.plan.rig);
  if (one === undefined || rig === undefined) return;
  one.state = 'running';
  try {
    const child = await startOrWait(desk, one, rig);
    await catchUp(desk, child);
    const result = await child.result();
    one.status = result.status;
    one.usage = result.usage;
    settleEpic(desk, id, result.usage);
    one.state = result.status.beads.every(({ state, optional }) => state === 'landed' || optional)
      ? 'landed'
      : 'partly';
  } catch (error) {
    one.state = 'partly';
    if (!isCancellation(error)) desk.failure ??= lost(id, error);
  }
  if (one.state === 'partly') hold(desk, id);
  await passOn(desk);
};

/** A run of an earlier launch may still be putting its worktrees away: two would work on the same beads. */
const startOrWait = async (
  desk: ConvoyDesk,
  one: ConvoyEpic,
  rig: OpenedRig,
): Promise<ChildWorkflowHandle<typeof epic>> => {
  for (;;) {
    try {
      return await start(desk, one, rig);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await waitingActivities(desk.input.settings.pace).awaitEnd(
        workflowId.epic(desk.input.convoy, one.plan.id),
      );
    }
  }
};

const start = (
  desk: ConvoyDesk,
  { plan, names }: ConvoyEpic,
  rig: OpenedRig,
): Promise<ChildWorkflowHandle<typeof epic>> => {
  const { convoy, settings } = desk.input;
  return startChild(epic, {
    workflowId: workflowId.epic(convoy, plan.id),
    // Launching again runs the epic again; its landed beads are found and skipped.
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: markdownText(plan.title, longestSummary),
    typedSearchAttributes: describedBy(settings.searchAttributes, {
      role: 'epic',
      convoy,
      epic: plan.id,
      rig: rig.rig,
      state: 'working',
    }),
    args: [
      {
        ...{ convoy, plan, rig, settings, names },
        limited: isLimited(desk) || plan.budget?.tokens !== undefined,
        ...(isMoneyLimited(desk) || plan.budget?.money !== undefined ? { moneyLimited: true as const } : {}),
      },
    ],
  });
};

/** A stop or pause that came while the epic was being started has not reached it. */
const catchUp = async (desk: ConvoyDesk, child: ChildWorkflowHandle<typeof epic>): Promise<void> => {
  const stop = desk.stopping ?? (desk.stoppedRigs.size === 0 ? undefined : stopOf(desk, child.workflowId));
  if (stop !== undefined) {
    await child.signal(shutdown, stop).catch((error: unknown) => {
      if (isCancellation(error)) throw error; // any other end is told by its result
    });
  }
  if (desk.paused !== undefined) {
    const argument = { reason: desk.paused };
    await townActivities(desk.input.settings.pace).update({
      workflowId: child.workflowId,
      name: 'pause',
      argument,
    });
  }
};

const stopOf = (desk: ConvoyDesk, id: string): Shutdown | undefined => {
  const epic = [...desk.epics.values()].find(
    ({ plan }) => workflowId.epic(desk.input.convoy, plan.id) === id,
  );
  return epic && desk.stoppedRigs.get(epic.plan.rig);
};

const hold = (desk: ConvoyDesk, id: string): void => {
  for (const other of dependentsOf(desk.input.epics, [id])) {
    const held = desk.epics.get(other);
    if (held?.state === 'pending') held.state = 'held';
  }
};

const lost = (epicId: string, error: unknown) => {
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  return {
    type: 'WorktreeLost',
    what: `The epic ${epicId} ended without a result.`,
    evidence: cause instanceof ApplicationFailure || cause instanceof Error ? cause.message : String(cause),
    next: 'Launch the plan again: what has landed is skipped.',
  } as const;
};
