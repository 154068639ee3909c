import type { Command } from 'commander';
import { printLines } from '../answer.ts';
import { exitCodesHelp } from '../exitCodes.ts';
import { glossaryLines } from '../glossary.ts';

/** `gt help exit-codes` and `gt help glossary`, beside the help of every command. */
export const addHelpTopics = (program: Command): void => {
  program
    .command('help')
    .argument('[command...]', 'a command, exit-codes, or glossary')
    .summary('help for a command, `exit-codes`, or `glossary`')
    .description('Shows the help of a command, what the exit codes mean, or what the words of the town mean.')
    .addHelpText('after', '\nExamples:\n  gt help convoy launch\n  gt help exit-codes\n  gt help glossary')
    .action((path: string[]) => {
      if (path[0] === 'exit-codes') return printLines([exitCodesHelp()]);
      if (path[0] === 'glossary') return printLines(glossaryLines());
      const found = path.reduce<Command | undefined>(
        (command, name) => command?.commands.find((child) => child.name() === name),
        program,
      );
      if (found === undefined) program.error(`error: there is no command \`${path.join(' ')}\``);
      else found.outputHelp();
    });
};
