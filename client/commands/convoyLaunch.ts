import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Plan } from '../../deploy/plan/index.ts';
import { type Answer, jsonLine, printAnswer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { wholeNumber } from '../numbers.ts';
import { configOf } from '../places.ts';
import { counted } from '../render/amounts.ts';
import { watchConvoy } from '../watchConvoy.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly printInput?: boolean;
  readonly convoy?: string;
  readonly watch?: boolean;
  readonly parallel?: number;
  readonly tokens?: number;
}

export const addLaunch = (convoy: Command): void => {
  convoy
    .command('launch')
    .argument('<plan>', 'a plan file in YAML')
    .summary('start a plan')
    .description(
      'Starts a plan as a convoy, or joins it when it runs already. Launching a plan again tries what was blocked or ' +
        'cancelled; what has landed is skipped. A plan with mistakes starts nothing.',
    )
    .option('--dry-run', 'only check the plan, and show beads (tasks), waves and the critical path')
    .option('--convoy <name>', 'another name than the plan’s')
    .option('--print-input', 'only print the input of the workflow `convoy`, for the `temporal` command line')
    .option('-w, --watch', 'follow it to its end')
    .option('--parallel <n>', 'beads at work at once, in one epic', wholeNumber)
    .option('--tokens <n>', 'tokens that this convoy may spend', wholeNumber)
    .addHelpText(
      'after',
      '\nExamples:\n  gt convoy launch plan.yaml --dry-run\n  gt convoy launch plan.yaml --watch\n' +
        '  gt convoy launch plan.yaml --convoy second-try --parallel 4',
    )
    .action(answering(launch));
};

const launch = async (call: Call<Options>, file: string): Promise<Answer> => {
  const { options } = call;
  const config = configOf(await call.place());
  const { loadPlan } = await import('../../deploy/plan/index.ts');
  const plan = await loadPlan(resolve(file), config);
  if (options.dryRun) return await dryRun(plan, options.convoy);
  const { convoy, parallel: maxParallel, tokens } = options;
  const wanted = { config, plan, convoy, maxParallel, tokens };
  if (options.printInput) {
    const { convoyInput } = await import('../convoyInput.ts');
    const input = await convoyInput(wanted, false);
    return { data: input, lines: () => [jsonLine(input)] };
  }

  const town = await call.town();
  const { launchConvoy } = await import('../launchConvoy.ts');
  const launched = await launchConvoy({ ...wanted, client: town.client });
  const { handle: _, ...data } = launched;
  const answer: Answer = {
    data,
    lines: () => [
      launched.started
        ? `Convoy ${launched.convoy} has started: ${counted(launched.beads, 'bead')} (tasks).`
        : `Convoy ${launched.convoy} is running already, with this very plan.`,
      ...(options.watch ? [] : [`Next: \`gt convoy watch ${launched.convoy}\``]),
    ],
  };
  if (!options.watch) return answer;
  printAnswer(answer, options.json === true);
  return await watchConvoy(town.client, launched.convoy, options.json === true);
};

const dryRun = async (plan: Plan, convoy: string | undefined): Promise<Answer> => {
  const { planText, planView } = await import('../../deploy/plan/index.ts');
  const view = { ...planView(plan), ...(convoy === undefined ? {} : { convoy }) };
  return { data: view, meta: { dryRun: true }, lines: () => planText(view).split('\n') };
};
