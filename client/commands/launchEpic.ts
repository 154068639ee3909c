import { relative, resolve } from 'node:path';
import type { Client } from '@temporalio/client';
import type { TownConfig } from '../../deploy/config/index.ts';
import { stopSignals } from '../../deploy/town/stopSignals.ts';
import type { Until } from '../../workflows/domain/convoy.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { mayLaunchUnasked, type PlanStatus } from '../../workflows/domain/plan/planning.ts';
import { type ApprovedPlan, setUntil } from '../../workflows/messages.ts';
import { type Answer, printAnswer } from '../answer.ts';
import { within } from '../ask.ts';
import type { Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { launchWords } from '../launchWords.ts';
import { approve, type Decision, decidePlan, isAsked } from '../plan/decidePlan.ts';
import { type DraftedPlan, draftedPlan } from '../plan/draftedPlan.ts';
import { readEpic } from '../plan/epicFile.ts';
import { followPlan, unknownPlan } from '../plan/followPlan.ts';
import { planEpic, planRequest } from '../plan/planEpic.ts';
import { counted } from '../render/amounts.ts';
import { planBody, planPage, stepLine } from '../render/planPage.ts';
import { ClientError } from '../trouble.ts';
import { untilLines, untilNext } from '../until.ts';
import { watchConvoy } from '../watchConvoy.ts';

/** What `gt convoy launch` was told that matters for an epic in prose. */
export interface EpicOptions {
  readonly dryRun?: boolean;
  readonly printInput?: boolean;
  readonly convoy?: string;
  readonly rig?: string;
  readonly yes?: boolean;
  readonly watch?: boolean;
  readonly parallel?: number;
  readonly tokens?: number;
  readonly money?: number;
  /** Minutes since midnight. */
  readonly until?: number;
}

/**
 * Has the mayor turn an epic into a plan, shows it, and launches it when a person approves or has said --yes. Whoever cannot be
 * asked finds it waiting.
 */
export const launchEpic = async (call: Call<EpicOptions>, file: string): Promise<Answer> => {
  const { options } = call;
  const json = options.json === true;
  if (options.dryRun || options.printInput) throw onlyPlans(options.dryRun ? '--dry-run' : '--print-input');
  const epic = await readEpic(resolve(file));
  const { config } = await call.configured();
  const request = {
    config,
    epic: { ...epic, file: relative(process.cwd(), epic.file) || epic.file },
    ...{ convoy: options.convoy, rig: options.rig, approved: options.yes === true },
    ...{ maxParallel: options.parallel, tokens: options.tokens, money: options.money },
    until: options.until === undefined ? undefined : untilNext(options.until, config.timeZone),
    launchedWith: launchWords(resolve(file), options),
  };
  // Before the town is asked for: what is wrong here is wrong whether it is open or not.
  planRequest(request);
  const { client } = await call.town();
  const { convoy, started } = await planEpic({ ...request, client });
  const status = await drafted(client, convoy, json);
  if (status === undefined) return stillDrafting(convoy);
  if (status.state === 'failed' && status.failure !== undefined)
    throw new ClientError(exitCode.failed, status.failure);
  const plan = await draftedPlan(config, status);
  if (status.state === 'launched' && !started) return await relaunch(client, config, plan, options, request);
  if (status.state !== 'waiting') return await ended(client, plan, options);
  return await decided(client, config, plan, options, request);
};

/** What the command line asks of the convoy beside the plan itself. */
type Wanted = { readonly until: Until | undefined; readonly launchedWith: string };

/** Follows the drafting, and says on stderr what is done. Undefined when a person has seen enough. */
const drafted = async (client: Client, convoy: string, json: boolean): Promise<PlanStatus | undefined> => {
  using signals = stopSignals();
  let last: PlanStatus | undefined;
  let said: string | undefined;
  for await (const status of followPlan(client, convoy, signals.drain)) {
    last = status;
    const line = status.waiting === undefined ? stepLine(status) : `Waiting: ${status.waiting.what}`;
    if (!json && line !== undefined && line !== said) process.stderr.write(`${line}\n`);
    said = line;
  }
  if (signals.drain.aborted) return;
  if (last === undefined) throw unknownPlan(convoy);
  return last;
};

const decided = async (
  client: Client,
  config: TownConfig,
  plan: DraftedPlan,
  options: Call<EpicOptions>['options'],
  wanted: Wanted,
): Promise<Answer> => {
  const json = options.json === true;
  const { convoy, draft } = plan.status;
  const unasked = mayLaunchUnasked(options.yes === true, draft?.findings ?? []);
  if (!unasked && !isAsked(json)) return waits(plan, options.yes === true);
  if (!unasked && options.yes) process.stderr.write(`${alarmed}\n`);
  const decision: Decision = unasked
    ? { kind: 'approved', approved: await approve(client, convoy) }
    : await decidePlan(client, config, plan);
  if (decision.kind === 'rejected') {
    return { data: { convoy, state: 'rejected' }, lines: () => ['Rejected; nothing was started.'] };
  }
  if (decision.kind === 'left') return left(convoy, decision.interrupted);
  const until = await keepUntil(client, decision.approved, wanted.until);
  const answer: Answer = {
    data: { ...decision.approved, ...(until && { until }), started: true, tokens: plan.status.usage },
    lines: (terminal) => [
      ...(unasked ? planBody(plan, terminal) : []),
      `Convoy ${convoy} has started: ${counted(decision.approved.beads, 'bead')} (${decision.approved.beads === 1 ? 'task' : 'tasks'}).`,
      ...untilLines(until, config),
      ...(options.watch ? [] : [`Next: \`gt convoy watch ${convoy}\``]),
    ],
  };
  return await watched(client, convoy, answer, options);
};

const alarmed =
  'The plan was not launched although --yes was given: its text looks as if it had orders for somebody. Read what is marked with “!”.';

/** A pipe, or a plan that a person has to see: it stays, and says how to go on. */
const waits = (plan: DraftedPlan, yes: boolean): Answer => ({
  data: { ...plan.status, plan: plan.text },
  lines: (terminal) => [...planPage(plan, terminal), ...(yes ? [alarmed] : [])],
  code: yes ? exitCode.failed : exitCode.ok,
});

/** Launched by the workflow itself, or ended while we looked. */
const ended = async (
  client: Client,
  plan: DraftedPlan,
  options: Call<EpicOptions>['options'],
): Promise<Answer> => {
  const { convoy, state } = plan.status;
  const answer: Answer = {
    data: { ...plan.status, plan: plan.text },
    lines: (terminal) => planPage(plan, terminal),
    code: state === 'launched' ? exitCode.ok : exitCode.failed,
  };
  return state === 'launched' ? await watched(client, convoy, answer, options) : answer;
};

/** Launching an epic again launches its plan again: what has landed is skipped, and no token goes into a second plan. */
const relaunch = async (
  client: Client,
  config: TownConfig,
  { plan, status }: DraftedPlan,
  options: Call<EpicOptions>['options'],
  { until, launchedWith }: Wanted,
): Promise<Answer> => {
  if (plan === undefined) throw unknownPlan(status.convoy);
  const { launchConvoy } = await import('../launchConvoy.ts');
  const { parallel: maxParallel, tokens, money } = options;
  const { convoy } = status;
  const wanted = { client, config, plan, convoy, maxParallel, tokens, money, until, launchedWith };
  const { handle: _, ...data } = await launchConvoy(wanted);
  // One that runs already has its own time, or none.
  if (!data.started && until !== undefined) await runUntil(client, convoy, until);
  const answer: Answer = {
    data,
    lines: () => [
      `The plan of this epic was launched before, and is used again${data.started ? '' : ': it is running'}.`,
      ...untilLines(until, config),
      ...(options.watch ? [] : [`Next: \`gt convoy watch ${convoy}\``]),
    ],
  };
  return await watched(client, convoy, answer, options);
};

/** A plan that was being made already, or waited, has the time that it was asked for with. */
const keepUntil = async (
  client: Client,
  { convoy, until }: ApprovedPlan,
  wanted: Until | undefined,
): Promise<Until | undefined> => {
  if (wanted === undefined || wanted.clock === until?.clock) return until;
  await runUntil(client, convoy, wanted);
  return wanted;
};

const runUntil = (client: Client, convoy: string, until: Until): Promise<string> =>
  within(client, () =>
    client.workflow.getHandle(workflowId.convoy(convoy)).executeUpdate(setUntil, { args: [{ until }] }),
  );

const watched = async (
  client: Client,
  convoy: string,
  answer: Answer,
  options: Call<EpicOptions>['options'],
): Promise<Answer> => {
  if (!options.watch) return answer;
  printAnswer(answer, options.json === true);
  return await watchConvoy(client, convoy, options.json === true);
};

const stillDrafting = (convoy: string): Answer => ({
  data: { convoy, state: 'drafting' },
  lines: () => [`Not waiting any more; the mayor goes on. Next: \`gt plan show ${convoy}\``],
  code: exitCode.interrupted,
});

const left = (convoy: string, interrupted: boolean): Answer => ({
  data: { convoy, state: 'waiting' },
  lines: () => [
    'The plan waits. Next, one of:',
    ...['approve', 'edit', 'reject'].map((verb) => `  gt plan ${verb} ${convoy}`),
  ],
  code: interrupted ? exitCode.interrupted : exitCode.ok,
});

const onlyPlans = (flag: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NotForProse',
    what: `${flag} is for plans in YAML: an epic in prose has no plan before the mayor has made one, which costs tokens.`,
    evidence: flag,
    next: 'Launch it without the flag and without --yes: nothing starts before you approve the plan, and `gt plan show CONVOY --yaml` prints it.',
  });
