import type { Command } from 'commander';
import { looking } from '../call.ts';

export const addStatus = (program: Command): void => {
  program
    .command('status')
    .summary('the town on a page')
    .description(
      'Shows the town: its processes, hosts (machines that serve models) with what they refuse, refineries (merge ' +
        'queues) that have stopped, running convoys, the commands that take over what landed, and the newest letters.',
    )
    .addHelpText('after', '\nExamples:\n  gt status\n  gt status --json')
    .action(looking('status'));
};
