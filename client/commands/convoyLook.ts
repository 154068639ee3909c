import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { answering, type Call, looking } from '../call.ts';
import { readTarget } from '../targets.ts';
import { watchConvoy } from '../watchConvoy.ts';

export const addConvoyList = (convoy: Command): void => {
  convoy
    .command('list')
    .summary('all convoys, newest first')
    .description('Lists the convoys that the town remembers, newest first.')
    .option('--running', 'only those that run')
    .addHelpText('after', '\nExamples:\n  gt convoy list\n  gt convoy list --running --json')
    .action(looking('convoy list'));
};

export const addConvoyStatus = (convoy: Command): void => {
  convoy
    .command('status')
    .argument('<convoy>', 'its name, as `gt convoy list` shows it')
    .summary('the board of a convoy')
    .description(
      'Shows the board of a convoy: each bead (task) by wave, its state, its polecat (worker agent) and model, what it ' +
        'has cost, and why it is blocked. Exits with 1 when something is blocked.',
    )
    .addHelpText('after', '\nExamples:\n  gt convoy status demo\n  gt convoy status demo --json')
    .action(looking('convoy status'));
};

export const addConvoyWatch = (convoy: Command): void => {
  convoy
    .command('watch')
    .argument('<convoy>', 'its name, as `gt convoy list` shows it')
    .summary('follow a convoy to its end')
    .description(
      'Follows a convoy to its end: a board on a terminal, a line a change in a pipe. Ctrl-C ends only the watching.',
    )
    .addHelpText('after', '\nExamples:\n  gt convoy watch demo\n  gt convoy watch demo | tee demo.log')
    .action(answering(watch));
};

const watch = async (call: Call<object>, name: string): Promise<Answer> => {
  const { convoy } = readTarget(name, ['convoy']);
  const town = await call.glance();
  return await watchConvoy(town.client, convoy, call.options.json === true, town);
};
