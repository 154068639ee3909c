import { Argument, type Command } from 'commander';
import { printLines } from '../answer.ts';
import { completionScript, type Shell, shells } from '../completion/scripts.ts';
import { branchesOf } from '../completion/tree.ts';

export const addCompletion = (program: Command): void => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell that you use').choices(shells))
    .summary('completion of commands, options and names for your shell')
    .description(
      'Prints a script that lets your shell complete the commands and options of gt, and the names of convoys, beads ' +
        '(tasks), plans, rigs (repositories) and hosts. It is made of the commands that this version has: make it again ' +
        'after an upgrade.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  gt completion bash > ~/.local/share/bash-completion/completions/gt\n' +
        '  gt completion zsh > ~/.zsh/completions/_gt      (a folder in your $fpath)\n' +
        '  gt completion fish > ~/.config/fish/completions/gt.fish',
    )
    .action((shell: Shell) => printLines([completionScript(shell, branchesOf(program)).trimEnd()]));
};
