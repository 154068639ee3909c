import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Plan } from '../../deploy/plan/index.ts';
import type { Forecast } from '../../workflows/domain/plan/forecast.ts';
import { type Answer, jsonLine, printAnswer } from '../answer.ts';
import { within } from '../ask.ts';
import { answering, type Call } from '../call.ts';
import { moneyAmount, wholeNumber } from '../numbers.ts';
import { isProse } from '../plan/epicFile.ts';
import { amount, counted, duration } from '../render/amounts.ts';
import { wrap } from '../render/terminal.ts';
import { timeOfDay, untilNext, untilText } from '../until.ts';
import { watchConvoy } from '../watchConvoy.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly printInput?: boolean;
  readonly convoy?: string;
  readonly watch?: boolean;
  readonly parallel?: number;
  readonly tokens?: number;
  readonly money?: number;
  readonly until?: number;
}

export const addLaunch = (convoy: Command): void => {
  convoy
    .command('launch')
    .argument('<plan>', 'a plan in YAML, or an epic (a goal) in prose: .md or .txt')
    .summary('start a plan, or have the mayor make one of prose')
    .description(
      'Starts a plan as a convoy, or joins it when it runs already. Launching a plan again tries what was blocked or ' +
        'cancelled; what has landed is skipped. A plan with mistakes starts nothing.\n\n' +
        'Of an epic in prose the mayor (a model that plans) makes a plan first. You see it and approve, edit or reject it; ' +
        'where nobody can be asked it waits for `gt plan approve`.',
    )
    .option('--dry-run', 'only check the plan, and show beads (tasks), waves and the critical path')
    .option('--convoy <name>', 'another name than the plan’s')
    .option('--print-input', 'only print the input of the workflow `convoy`, for the `temporal` command line')
    .option('-w, --watch', 'follow it to its end')
    .option('--parallel <n>', 'beads at work at once, in one epic', wholeNumber)
    .option('--rig <name>', 'with prose: the rig (repository) that it is about, when there are several')
    .option('-y, --yes', 'with prose: launch the plan without asking, unless its text raises an alarm')
    .option('--tokens <n>', 'tokens that this convoy may spend', wholeNumber)
    .option('--money <amount>', 'money that this convoy may spend, by the prices of models', moneyAmount)
    .option(
      '--until <time>',
      'finish what is under way and park at HH:MM, in the town’s time zone',
      timeOfDay,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  gt convoy launch plan.yaml --dry-run\n  gt convoy launch plan.yaml --watch\n' +
        '  gt convoy launch plan.yaml --convoy second-try --parallel 4\n' +
        '  gt convoy launch EPIC.md\n  gt convoy launch EPIC.md --rig app --yes --watch',
    )
    .action(answering(launch));
};

const launch = async (call: Call<Options>, file: string): Promise<Answer> => {
  const { options } = call;
  if (isProse(file)) return await (await import('./launchEpic.ts')).launchEpic(call, file);
  const { config } = await call.configured();
  const { loadPlan } = await import('../../deploy/plan/index.ts');
  const plan = await loadPlan(resolve(file), config);
  if (options.dryRun) return await dryRun(plan, options.convoy);
  const { convoy, parallel: maxParallel, tokens, money } = options;
  const until = options.until === undefined ? undefined : untilNext(options.until, config.timeZone);
  const wanted = { config, plan, convoy, maxParallel, tokens, money, until };
  if (options.printInput) {
    const { convoyInput } = await import('../convoyInput.ts');
    const input = await convoyInput(wanted, false);
    return { data: input, asIs: true, lines: () => [jsonLine(input)] };
  }

  const town = await call.town();
  const { launchConvoy } = await import('../launchConvoy.ts');
  const launched = await launchConvoy({ ...wanted, client: town.client });
  const { handle: _, ...data } = launched;
  // One that runs already has its own time, or none.
  if (!launched.started && until !== undefined) {
    const { setUntil } = await import('../../workflows/messages.ts');
    await within(town.client, () =>
      town.client.workflow.getHandle(launched.workflowId).executeUpdate(setUntil, { args: [{ until }] }),
    );
  }
  const answer: Answer = {
    data,
    lines: ({ width }) =>
      [
        launched.started
          ? `Convoy ${launched.convoy} has started: ${counted(launched.beads, 'bead')} (${launched.beads === 1 ? 'task' : 'tasks'}).`
          : `Convoy ${launched.convoy} is running already, with this very plan.`,
        ...(launched.note === undefined || !launched.started ? [] : [launched.note]),
        ...(launched.forecast === undefined ? [] : [forecastText(launched.forecast)]),
        ...(until === undefined ? [] : [untilText(until, config.timeZone)]),
        ...(options.watch ? [] : [`Next: \`gt convoy watch ${launched.convoy}\``]),
      ].flatMap((line) => wrap(line, width)),
  };
  if (!options.watch) return answer;
  printAnswer(answer, options.json === true);
  return await watchConvoy(town.client, launched.convoy, options.json === true, town);
};

const forecastText = ({ turns, tokens, ms, from }: Forecast): string =>
  `Forecast, by the medians of ${from} beads of this town: ${counted(turns, 'turn')}, ${amount(tokens)} tokens, at least ${duration(ms)}.`;

const dryRun = async (plan: Plan, convoy: string | undefined): Promise<Answer> => {
  const { planText, planView } = await import('../../deploy/plan/index.ts');
  const view = { ...planView(plan), ...(convoy === undefined ? {} : { convoy }) };
  return { data: view, meta: { dryRun: true }, lines: () => planText(view).split('\n') };
};
