import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { ensureSearchAttributes } from '../deploy/server/namespace.ts';
import type { ConvoyInput } from '../workflows/domain/convoy.ts';
import { taskQueue, workflowId } from '../workflows/domain/naming.ts';
import type { Forecast } from '../workflows/domain/plan/forecast.ts';
import { longestSummary, markdownText } from '../workflows/domain/text.ts';
import { assertBudget, budgetNote } from './budgetFits.ts';
import { type ConvoyRequest, convoyInput } from './convoyInput.ts';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

export interface LaunchConvoy extends ConvoyRequest {
  readonly client: Client;
}

export interface LaunchedConvoy {
  readonly convoy: string;
  readonly workflowId: string;
  readonly planHash: string;
  /** False: it was running already, with the same plan. */
  readonly started: boolean;
  readonly beads: number;
  /** Undefined while the town has seen too little. */
  readonly forecast: Forecast | undefined;
  /** What a person should know of its budget. */
  readonly note?: string;
  /** Of the workflow `convoy`; its result is a `ConvoyResult`. */
  readonly handle: Pick<
    WorkflowHandleWithFirstExecutionRunId,
    'workflowId' | 'result' | 'query' | 'signal' | 'cancel'
  >;
}

/**
 * Starts a convoy for a plan, or joins it when it runs already. Launching a plan again is how what was blocked or
 * cancelled is tried again: what has landed is found in git and skipped. Throws `PlanConflict` when a convoy of that
 * name runs with another plan; one that has ended is checked by the workflow, against what git remembers.
 */
export const launchConvoy = async (launch: LaunchConvoy): Promise<LaunchedConvoy> => {
  const { client, config } = launch;
  const attributes = (await ensureSearchAttributes(client, client.options.namespace)) === undefined;
  const input = await convoyInput(launch, attributes);
  assertBudget(input.settings);
  const id = workflowId.convoy(input.convoy);
  const beads = input.epics.reduce((sum, epic) => sum + epic.beads.length, 0);
  const { planHash, forecast } = input;
  const note = budgetNote(input.settings, input.convoy);
  const launched = {
    ...{ convoy: input.convoy, workflowId: id, planHash, beads, forecast },
    ...(note === undefined ? {} : { note }),
  };
  try {
    const handle = await client.workflow.start('convoy', {
      workflowId: id,
      taskQueue: taskQueue.town,
      args: [input],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      // Of two convoys, none waits for the whole other one: their calls take turns.
      priority: { fairnessKey: input.convoy },
      // Read without a worker when somebody launches another plan under this name.
      memo: { planHash: input.planHash, planFile: launch.plan.file, home: config.home },
      staticSummary: markdownText(input.title, longestSummary),
      ...(attributes ? { typedSearchAttributes: described(input) } : {}),
    });
    return { ...launched, started: true, handle };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const handle = client.workflow.getHandle(id);
    const { memo } = await handle.describe();
    if (memo?.['planHash'] !== input.planHash) throw conflict(input, String(memo?.['planHash'] ?? 'unknown'));
    return { ...launched, started: false, handle };
  }
};

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

const described = (input: ConvoyInput): TypedSearchAttributes =>
  new TypedSearchAttributes([
    { key: keyword('GtRole'), value: 'convoy' },
    { key: keyword('GtConvoy'), value: input.convoy },
    { key: keyword('GtState'), value: 'opening' },
  ]);

const conflict = (input: ConvoyInput, running: string): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'PlanConflict',
    what: `A convoy named ${input.convoy} is running with another plan.`,
    evidence: `running plan ${running.slice(0, 16)}, this plan ${input.planHash.slice(0, 16)}`,
    next: `Launch this plan under another name (--convoy NAME), add beads to the running one (gt convoy add ${input.convoy}/EPIC PLAN), or end it first (gt cancel ${input.convoy}).`,
  });
