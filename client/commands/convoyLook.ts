import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { convoysOf } from '../look.ts';
import { lookAtConvoy } from '../lookAtConvoy.ts';
import { board } from '../render/board.ts';
import { convoyLine } from '../render/townPage.ts';
import { readTarget } from '../targets.ts';
import { convoyCode, watchConvoy } from '../watchConvoy.ts';

export const addConvoyList = (convoy: Command): void => {
  convoy
    .command('list')
    .summary('all convoys, newest first')
    .description('Lists the convoys that the town remembers, newest first.')
    .option('--running', 'only those that run')
    .addHelpText('after', '\nExamples:\n  gt convoy list\n  gt convoy list --running --json')
    .action(answering(list));
};

export const addConvoyStatus = (convoy: Command): void => {
  convoy
    .command('status')
    .argument('<convoy>')
    .summary('the board of a convoy')
    .description(
      'Shows the board of a convoy: each bead (task) by wave, its state, its polecat (worker agent) and model, what it ' +
        'has cost, and why it is blocked. Exits with 1 when something is blocked.',
    )
    .addHelpText('after', '\nExamples:\n  gt convoy status demo\n  gt convoy status demo --json')
    .action(answering(status));
};

export const addConvoyWatch = (convoy: Command): void => {
  convoy
    .command('watch')
    .argument('<convoy>')
    .summary('follow a convoy to its end')
    .description(
      'Follows a convoy to its end: a board on a terminal, a line a change in a pipe. Ctrl-C ends only the watching.',
    )
    .addHelpText('after', '\nExamples:\n  gt convoy watch demo\n  gt convoy watch demo | tee demo.log')
    .action(answering(watch));
};

const list = async (call: Call<{ readonly running?: boolean }>): Promise<Answer> => {
  const { client } = await call.town();
  const convoys = await convoysOf(client, call.options.running === true);
  return {
    data: convoys,
    meta: { count: convoys.length },
    lines: () =>
      convoys.length === 0 ? ['No convoys. Start one: `gt convoy launch PLAN`'] : convoys.map(convoyLine),
  };
};

const status = async (call: Call<object>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['convoy']);
  const { client } = await call.town();
  const found = await lookAtConvoy(client, target.convoy, 'beads');
  return { data: found, lines: (terminal) => board(found, terminal), code: convoyCode(found) };
};

const watch = async (call: Call<object>, name: string): Promise<Answer> => {
  const { convoy } = readTarget(name, ['convoy']);
  const { client } = await call.town();
  return await watchConvoy(client, convoy, call.options.json === true);
};
