import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { lookAtAllConvoys } from '../look.ts';
import { lookAtConvoy } from '../lookAtConvoy.ts';
import { queuesOf } from '../queues.ts';
import { board } from '../render/board.ts';
import { takeOverSection } from '../render/takeOver.ts';
import { convoyLine, silentLines, stoppedLines } from '../render/townPage.ts';
import { takeOversIn } from '../takeOver.ts';
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
    .argument('<convoy>', 'its name, as `gt convoy list` shows it')
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
    .argument('<convoy>', 'its name, as `gt convoy list` shows it')
    .summary('follow a convoy to its end')
    .description(
      'Follows a convoy to its end: a board on a terminal, a line a change in a pipe. Ctrl-C ends only the watching.',
    )
    .addHelpText('after', '\nExamples:\n  gt convoy watch demo\n  gt convoy watch demo | tee demo.log')
    .action(answering(watch));
};

const list = async (call: Call<{ readonly running?: boolean }>): Promise<Answer> => {
  const { client } = await call.glance();
  const { answers: convoys, silent } = await lookAtAllConvoys(client, call.options.running === true);
  return {
    data: convoys,
    meta: { count: convoys.length, silent },
    lines: (terminal) =>
      convoys.length + silent.length === 0
        ? ['No convoys. Start one: `gt convoy launch PLAN`']
        : [...convoys.map(convoyLine), ...silentLines(silent, terminal)],
  };
};

const status = async (call: Call<object>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['convoy']);
  const town = await call.glance();
  const found = await lookAtConvoy(town.client, target.convoy, 'beads');
  const [takeOvers, queues] = await Promise.all([
    takeOversIn(town.client, found, town),
    found.state === 'running' ? queuesOf(town.client, found) : [],
  ]);
  return {
    data: found,
    meta: { takeOvers, stopped: queues.filter(({ stopped }) => stopped !== undefined) },
    lines: (terminal) => [
      ...board(found, terminal),
      ...stoppedLines(queues, terminal),
      ...takeOverSection(takeOvers),
    ],
    code: convoyCode(found),
  };
};

const watch = async (call: Call<object>, name: string): Promise<Answer> => {
  const { convoy } = readTarget(name, ['convoy']);
  const town = await call.glance();
  return await watchConvoy(town.client, convoy, call.options.json === true, town);
};
