import type { Command } from 'commander';
import { printLines } from '../answer.ts';
import { exitCodesHelp } from '../exitCodes.ts';

/** `gt help exit-codes`, beside the help of every command. */
export const addHelpTopics = (program: Command): void => {
  program.helpCommand(false);
  program
    .command('help')
    .argument('[command...]', 'a command, or exit-codes')
    .summary('help for a command, or `exit-codes`')
    .description('Shows the help of a command, or what the exit codes mean.')
    .addHelpText('after', '\nExamples:\n  gt help convoy launch\n  gt help exit-codes')
    .action((path: string[]) => {
      if (path[0] === 'exit-codes') return printLines([exitCodesHelp()]);
      const found = path.reduce<Command | undefined>(
        (command, name) => command?.commands.find((child) => child.name() === name),
        program,
      );
      if (found === undefined) program.error(`error: there is no command \`${path.join(' ')}\``);
      else found.outputHelp();
    });
};
