import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { TownConfig } from '../../deploy/config/index.ts';
import { convoySettings, slugOf } from '../../deploy/plan/index.ts';
import { ensureSearchAttributes } from '../../deploy/server/namespace.ts';
import { taskBlobs } from '../../deploy/town/taskBlobs.ts';
import type { Until } from '../../workflows/domain/convoy.ts';
import { isSlug, taskQueue, workflowId } from '../../workflows/domain/naming.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import type { Pace } from '../../workflows/domain/pace.ts';
import {
  cloudForbidden,
  mayShow,
  type PlanInput,
  type PlanStatus,
} from '../../workflows/domain/plan/planning.ts';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { longestSummary, markdownText } from '../../workflows/domain/text.ts';
import { within } from '../ask.ts';
import { assertBudget } from '../budgetFits.ts';
import { unfit } from '../convoyInput.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError, isNotFound } from '../trouble.ts';
import type { Epic } from './epicFile.ts';

export interface PlanEpic {
  readonly client: Client;
  readonly config: TownConfig;
  readonly epic: Epic;
  /** Another name than the file's. */
  readonly convoy?: string | undefined;
  readonly rig?: string | undefined;
  /** Launch the plan unseen, unless it raises an alarm. */
  readonly approved?: boolean;
  readonly maxParallel?: number | undefined;
  readonly tokens?: number | undefined;
  /** In millionths. */
  readonly money?: number | undefined;
  readonly until?: Until | undefined;
  /** What to write behind `gt convoy launch` to launch it again. */
  readonly launchedWith?: string | undefined;
  readonly pace?: Pace | undefined;
}

export interface PlannedEpic {
  readonly convoy: string;
  /** False: this very epic was planned before, under this name. */
  readonly started: boolean;
}

/** What can be said of a request before a town is needed: name, rig, mayor, and whether the mayor may see the rig. */
export const planRequest = ({ config, convoy: name, epic, rig: rigName }: Omit<PlanEpic, 'client'>) => {
  const convoy = name ?? nameOf(epic);
  if (name !== undefined && !isSlug(name)) throw unfit(name);
  if (convoy === '') throw nameless(epic.file);
  const { mayor } = config;
  if (mayor === undefined) throw noMayor(config.file);
  const rig = rigOf(config, rigName);
  if (mayShow(mayor, rig.cloud) === undefined) {
    throw new ClientError(exitCode.badInput, cloudForbidden(rig.name, mayor));
  }
  return { convoy, mayor, rig };
};

/**
 * Has the mayor plan an epic, or joins the plan when this very epic is being planned or waits already. Throws `PlanConflict`
 * when the name belongs to something else.
 */
export const planEpic = async (request: PlanEpic): Promise<PlannedEpic> => {
  const { client, config, epic, approved = false } = request;
  const { convoy, mayor, rig } = planRequest(request);
  const epicRef = await taskBlobs(config.home).put(epic.text);
  const before = await planOf(client, convoy);
  const goesOn = before !== undefined && ['drafting', 'waiting', 'launched'].includes(before.state);
  if (goesOn && before.epicRef === epicRef && before.rig === rig.name) return { convoy, started: false };
  if (goesOn) throw otherEpic(convoy, before);
  if (await isConvoy(client, convoy)) throw otherConvoy(convoy);

  const attributes = (await ensureSearchAttributes(client, client.options.namespace)) === undefined;
  const input: PlanInput = {
    ...{ convoy, title: epic.title, rig: rig.name, epicRef, epicFile: epic.file, mayor, approved },
    settings: convoySettings(config, { ...request, searchAttributes: attributes }),
  };
  assertBudget(input.settings);
  try {
    await start(client, input);
  } catch (error) {
    // Somebody was faster; whether with the same epic is told by looking again.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return await planEpic(request);
    throw error;
  }
  return { convoy, started: true };
};

/** After the file; after the title where files of that name are in every folder. */
const nameOf = ({ file, title }: Epic): string => {
  const name = slugOf(file);
  const anybodys = /^(epic|goal|plan|todo|notes?|readme|prompt|task)$/.test(name);
  return (anybodys ? slugOf(title.replaceAll(/[./\\]/g, ' ')) : '') || name;
};

/** The plan of that name; undefined when there has been none. */
export const planOf = async (client: Client, convoy: string): Promise<PlanStatus | undefined> => {
  const handle = client.workflow.getHandle(workflowId.plan(convoy));
  try {
    const { status } = await within(client, () => handle.describe());
    const told = await within(client, () => handle.query<PlanStatus>('planStatus'));
    // Ended from outside, a plan still tells the state that it had.
    const lives = status.name === 'RUNNING' || !['drafting', 'waiting'].includes(told.state);
    return lives ? told : { ...told, state: 'rejected', reason: `its workflow is ${status.name}` };
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
};

const start = (client: Client, input: PlanInput) =>
  client.workflow.start('plan', {
    workflowId: workflowId.plan(input.convoy),
    taskQueue: taskQueue.town,
    args: [input],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    priority: { fairnessKey: input.convoy },
    memo: { epicRef: input.epicRef, epicFile: input.epicFile },
    staticSummary: markdownText(input.title, longestSummary),
  });

const isConvoy = async (client: Client, convoy: string): Promise<boolean> => {
  try {
    await within(client, () => client.workflow.getHandle(workflowId.convoy(convoy)).describe());
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
};

const rigOf = ({ rigs }: TownConfig, name: string | undefined): RigSettings => {
  const found =
    name === undefined ? (rigs.length === 1 ? rigs[0] : undefined) : rigs.find((rig) => rig.name === name);
  if (found !== undefined) return found;
  const known = rigs.map((rig) => rig.name);
  const meant = name === undefined ? undefined : nearest(name, known);
  throw new ClientError(exitCode.badInput, {
    type: 'UnknownRig',
    what:
      name === undefined
        ? 'The town has several rigs (repositories), and prose does not say which one is meant.'
        : 'The town has no rig (repository) of that name.',
    evidence: `${name === undefined ? '' : `--rig ${JSON.stringify(name.slice(0, 80))}; `}known: ${known.join(', ')}`,
    next: `Say --rig ${meant ?? known[0] ?? 'NAME'}.`,
  });
};

const noMayor = (file: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NoMayor',
    what: 'An epic in prose needs a mayor (a model that plans), and none is configured.',
    evidence: `${file}: roles.mayor is not set`,
    next: 'Set roles.mayor to the key of one of your models, or to a planner elsewhere (see docs/mayor.md); or write the plan yourself in YAML.',
  });

const nameless = (file: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadName',
    what: 'No name for the convoy can be made of the name of this file.',
    evidence: file,
    next: 'Give it one with --convoy NAME.',
  });

const otherEpic = (convoy: string, before: PlanStatus): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'PlanConflict',
    what: `The name ${convoy} belongs to the plan of another epic, or of this one before it was changed.`,
    evidence: `plan ${convoy}: ${before.state}, of ${before.epicFile} for rig ${before.rig}`,
    next:
      before.state === 'launched'
        ? 'Launch this one under another name: --convoy NAME.'
        : `Look at it with gt plan show ${convoy} and end it with gt plan reject ${convoy}, or launch this one under another name: --convoy NAME.`,
  });

const otherConvoy = (convoy: string): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'PlanConflict',
    what: `There is a convoy named ${convoy} already, and a new plan would not be its own.`,
    evidence: `workflow ${workflowId.convoy(convoy)}`,
    next: 'Launch the epic under another name: --convoy NAME.',
  });
