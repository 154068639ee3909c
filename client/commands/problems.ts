import type { Command } from 'commander';
import { looking } from '../call.ts';

export const addProblems = (program: Command): void => {
  program
    .command('problems')
    .summary('everything that needs you, the most pressing first')
    .description(
      'Lists what in the open town needs a person: what does not answer, merge queues that have stopped, budgets that are ' +
        'nearly or wholly used up, beads (tasks) that are stuck, letters that press, and what waits for a decision. Each ' +
        'with the evidence in a line, for how long, and the command to type next. What you have acknowledged (`gt ' +
        'escalations ack`) comes last. Exits with 0 whether there are any or not.',
    )
    .addHelpText('after', '\nExamples:\n  gt problems\n  gt problems --json')
    .action(looking('problems'));
};
