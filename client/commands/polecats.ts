import type { Command } from 'commander';
import { looking } from '../call.ts';

export const addPolecats = (program: Command): void => {
  program
    .command('polecats')
    .argument('[convoy]', 'only of this one')
    .summary('who works on what')
    .description(
      'Shows every polecat (worker agent) that has a bead (task) now: what it is doing at this moment, with which model, ' +
        'what that has cost so far, and what it waits for. A parked one has kept its work and waits for `gt resume`.',
    )
    .addHelpText('after', '\nExamples:\n  gt polecats\n  gt polecats demo --json')
    .action(looking('polecats'));
};
