import type { Command } from 'commander';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { lookAtTown } from '../look.ts';
import { townPage } from '../render/townPage.ts';

export const addStatus = (program: Command): void => {
  program
    .command('status')
    .summary('the town on a page')
    .description(
      'Shows the town: its processes, hosts (machines that serve models) with what they refuse, refineries (merge ' +
        'queues) that have stopped, running convoys, and the commands that take over what landed.',
    )
    .addHelpText('after', '\nExamples:\n  gt status\n  gt status --json')
    .action(answering(status));
};

const status = async (call: Call<object>): Promise<Answer> => {
  const view = await lookAtTown(await call.glance());
  return { data: view, lines: (terminal) => townPage(view, terminal) };
};
