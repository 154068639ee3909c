import type { Command } from 'commander';
import { looking } from '../call.ts';

export const addReport = (program: Command): void => {
  program
    .command('report')
    .argument('[convoy]', 'default: those that run, or have ended in the last 24 hours')
    .summary('what landed, what is blocked, what needs you, what it cost')
    .description(
      'The morning report of a convoy, open or ended: what needs you, what landed with its commits, what did not and ' +
        'why, tokens and time by model and role, and the forecast beside what it came to. Exits with 1 when something ' +
        'is blocked or a convoy has ended without landing everything.',
    )
    .option('--md', 'as Markdown, for mail and chat')
    .addHelpText(
      'after',
      '\nExamples:\n  gt report\n  gt report demo --md > report.md\n  gt report demo --json',
    )
    .action(looking('report'));
};
