import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { PlanStatus } from '../../workflows/domain/plan/planning.ts';
import type { Answer } from '../answer.ts';
import { answering, type Call, looking } from '../call.ts';
import { type ExitCode, exitCode } from '../exitCodes.ts';
import { knownPlans } from '../knownNames.ts';
import type { Reached } from '../reach.ts';
import { counted } from '../render/amounts.ts';
import { readTarget } from '../targets.ts';
import { ClientError } from '../trouble.ts';
import { unknownPlan } from '../unknownName.ts';
import { untilLines } from '../until.ts';

export const addPlan = (program: Command): void => {
  const plan = program
    .command('plan')
    .summary('plans that the mayor made of prose')
    .description(
      'The mayor (a model that plans) turns an epic (a goal) in prose into a plan of beads (tasks). A plan waits until ' +
        'you approve it; then it becomes the convoy of the same name. Make one with `gt convoy launch EPIC.md`.',
    )
    .addHelpText('after', '\nExamples:\n  gt plan show parser\n  gt plan approve parser');
  plan
    .command('list')
    .summary('all plans, newest first')
    .description('Lists the plans that the town remembers, newest first.')
    .addHelpText('after', '\nExample:\n  gt plan list --json')
    .action(looking('plan list'));
  plan
    .command('show')
    .argument('<convoy>')
    .summary('a plan, and what speaks for and against it')
    .description(
      'Shows waves, critical path, what the lint says, the forecast, what the plan has cost, and for a mayor elsewhere ' +
        'what left the machine. Exits with 1 when planning failed.',
    )
    .option('--yaml', 'only the plan as YAML; works while the town is closed')
    .addHelpText('after', '\nExamples:\n  gt plan show parser\n  gt plan show parser --yaml > parser.yaml')
    .action(answering(show));
  plan
    .command('approve')
    .argument('<convoy>')
    .summary('launch a plan that waits')
    .description('Launches a plan that waits as a convoy.')
    .addHelpText('after', '\nExample:\n  gt plan approve parser')
    .action(answering(approvePlan));
  plan
    .command('reject')
    .argument('<convoy>')
    .summary('end a plan that waits')
    .description('Ends a plan that waits. Nothing is started; launching the epic again asks the mayor anew.')
    .option('--reason <text>', 'why, for the record', 'rejected by the Overseer')
    .addHelpText('after', '\nExample:\n  gt plan reject parser --reason "too many beads"')
    .action(answering(rejectPlan));
  plan
    .command('edit')
    .argument('<convoy>')
    .summary('change a plan that waits')
    .description(
      'Opens a plan that waits in $VISUAL or $EDITOR and puts what you saved in its place, when it is sound. It goes ' +
        'on waiting for your approval.',
    )
    .option('--file <plan>', 'take this file instead of opening an editor')
    .addHelpText('after', '\nExamples:\n  gt plan edit parser\n  gt plan edit parser --file better.yaml')
    .action(answering(edit));
};

const show = async (call: Call<{ readonly yaml?: boolean }>, name: string): Promise<Answer> => {
  const { convoy } = readTarget(name, ['convoy']);
  if (call.options.yaml) return await showText((await call.place()).home, convoy);
  const { config } = await call.configured();
  const town = await call.town();
  const status = await known(town, convoy);
  const [{ draftedPlan }, { planPage }] = await Promise.all([
    import('../plan/draftedPlan.ts'),
    import('../render/planPage.ts'),
  ]);
  const drafted = await draftedPlan(config, status);
  return {
    data: { ...status, plan: drafted.text, forecast: drafted.forecast },
    lines: (terminal) => planPage(drafted, terminal),
    code: codeOf(status),
  };
};

/** As it was saved, so that it can be kept, changed and launched without the mayor. */
const showText = async (home: string, convoy: string): Promise<Answer> => {
  const { savedPlan, savedPlans } = await import('../plan/draftedPlan.ts');
  const text = await savedPlan(home, convoy);
  if (text === undefined) throw unknownPlan(convoy, await savedPlans(home), home);
  return { data: { convoy, plan: text }, asIs: true, lines: () => text.trimEnd().split('\n') };
};

const approvePlan = async (call: Call<object>, name: string): Promise<Answer> => {
  const { convoy } = readTarget(name, ['convoy']);
  const town = await call.town();
  await waiting(town, convoy);
  const { approve } = await import('../plan/decidePlan.ts');
  const approved = await approve(town.client, convoy);
  return {
    data: approved,
    lines: () => [
      `Convoy ${convoy} has started: ${counted(approved.beads, 'bead')} (tasks).`,
      ...untilLines(approved.until, town.config),
      `Next: \`gt convoy watch ${convoy}\``,
    ],
  };
};

const rejectPlan = async (call: Call<{ readonly reason: string }>, name: string): Promise<Answer> => {
  const { convoy } = readTarget(name, ['convoy']);
  const town = await call.town();
  await waiting(town, convoy);
  const { reject } = await import('../plan/decidePlan.ts');
  const said = await reject(town.client, convoy, call.options.reason);
  return { data: { convoy, said, reason: call.options.reason }, lines: () => [`Plan ${convoy}: ${said}`] };
};

const edit = async (call: Call<{ readonly file?: string }>, name: string): Promise<Answer> => {
  const { convoy } = readTarget(name, ['convoy']);
  const { config } = await call.configured();
  const town = await call.town();
  const status = await waiting(town, convoy);
  const [{ draftedPlan }, { revise }, { editPlan, faultOf }, { planPage }] = await Promise.all([
    import('../plan/draftedPlan.ts'),
    import('../plan/decidePlan.ts'),
    import('../plan/editPlan.ts'),
    import('../render/planPage.ts'),
  ]);
  const before = (await draftedPlan(config, status)).text ?? '';
  const { file } = call.options;
  const text = file === undefined ? undefined : await readFile(resolve(file), 'utf8').catch(() => undefined);
  if (file !== undefined && text === undefined) throw noFile(file);
  const edited =
    text === undefined
      ? await editPlan(config, convoy, before)
      : { text, changed: text !== before, fault: faultOf(text, resolve(file ?? ''), config) };
  if (edited.fault !== undefined) throw edited.fault;
  if (!edited.changed)
    return { data: status, lines: () => [`Nothing was changed. Next: \`gt plan approve ${convoy}\``] };
  await revise(town.client, config, convoy, edited.text);
  const now = await draftedPlan(config, await known(town, convoy));
  return { data: { ...now.status, plan: now.text }, lines: (terminal) => planPage(now, terminal) };
};

const known = async ({ client }: Reached, convoy: string): Promise<PlanStatus> => {
  const { planOf } = await import('../plan/planEpic.ts');
  const status = await planOf(client, convoy);
  if (status === undefined) throw unknownPlan(convoy, await knownPlans(client));
  return status;
};

/** The same of one that is to be decided on. */
const waiting = async (town: Reached, convoy: string): Promise<PlanStatus> => {
  const status = await known(town, convoy);
  if (status.state !== 'waiting') throw notWaiting(status);
  return status;
};

const codeOf = ({ state }: PlanStatus): ExitCode => (state === 'failed' ? exitCode.failed : exitCode.ok);

const notWaiting = ({ convoy, state }: PlanStatus): ClientError =>
  new ClientError(exitCode.refused, {
    type: 'NotWaiting',
    what: `Plan ${convoy} does not wait for a decision.`,
    evidence: `it ${statesText[state]}`,
    next: `See it with \`gt plan show ${convoy}\`${state === 'launched' ? `, and what became of it with \`gt convoy status ${convoy}\`` : ''}.`,
  });

const statesText: Readonly<Record<PlanStatus['state'], string>> = {
  drafting: 'is still being drafted',
  waiting: 'waits',
  launched: 'was launched already',
  rejected: 'was rejected',
  failed: 'has failed',
};

const noFile = (file: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NoFile',
    what: 'The plan to take cannot be read.',
    evidence: file,
    next: 'Name a plan in YAML; `gt plan show CONVOY --yaml` prints the present one.',
  });
