import { Command, CommanderError } from 'commander';
import { printTrouble } from './answer.ts';
import { addBead } from './commands/bead.ts';
import { addBudget } from './commands/budget.ts';
import { addCancel } from './commands/cancel.ts';
import { addConvoy } from './commands/convoy.ts';
import { addDown } from './commands/down.ts';
import { addHandoff } from './commands/handoff.ts';
import { addHelpTopics } from './commands/helpTopics.ts';
import { addPause } from './commands/pause.ts';
import { addRefinery } from './commands/refinery.ts';
import { addResume } from './commands/resume.ts';
import { addStatus } from './commands/status.ts';
import { addStop } from './commands/stop.ts';
import { addUp } from './commands/up.ts';
import { exitCode } from './exitCodes.ts';
import { told } from './trouble.ts';

/** The `gt` command line: parses, runs one command, and ends with one of `exitCodes.ts`. */
const main = async (argv: readonly string[]): Promise<void> => {
  // A reader that goes away (`gt … | head`) is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCode.ok);
      throw error;
    });
  }
  try {
    await program().parseAsync([...argv], { from: 'user' });
  } catch (error) {
    const said = told(error);
    if (said !== undefined) printTrouble(said, argv.includes('--json'));
    if (process.env['GT_DEBUG'] === '1') console.error(error);
    process.exitCode = said?.code ?? commanderCode(error);
  }
};

const program = (): Command => {
  const gt = new Command('gt')
    .description(
      'Gas Town: a town of coding agents that takes plans to landed commits.\n\n' +
        'A convoy (what you launch) has epics (goals), an epic has beads (tasks). Each bead is worked on by a polecat ' +
        '(worker agent) in a git worktree of its own rig (repository); the refinery (merge queue) lands what passes.',
    )
    .option('--home <folder>', 'the town’s folder (default: what gastown.yaml or GASTOWN_HOME says)')
    .option(
      '--config <file>',
      'the town’s configuration (default: the nearest gastown.yaml from here upwards)',
    )
    .option('--json', 'answer as one JSON object: {"data":…,"meta":{…}}')
    .addHelpText(
      'after',
      '\nExamples:\n  gt up --detach                      open the town in the background\n' +
        '  gt convoy launch plan.yaml --watch  start a plan and follow it\n' +
        '  gt status                           the town on a page\n' +
        '\nExit codes: `gt help exit-codes`.',
    )
    .showHelpAfterError('Next: add --help to see how the command is used.')
    .exitOverride();
  for (const add of [addUp, addDown, addStatus, addConvoy, addBead, addHandoff, addStop, addResume, addPause])
    add(gt);
  for (const add of [addCancel, addBudget, addRefinery, addHelpTopics]) add(gt);
  everyCommand(gt, (command) =>
    command.exitOverride().showHelpAfterError('Next: add --help to see how the command is used.'),
  );
  return gt;
};

const everyCommand = (command: Command, act: (command: Command) => void): void => {
  for (const child of command.commands) {
    act(child);
    everyCommand(child, act);
  }
};

/** Help that was asked for is no error; everything else that commander ends by is a wrong command line. */
const commanderCode = (error: unknown): number =>
  error instanceof CommanderError && error.exitCode === 0 ? exitCode.ok : exitCode.badInput;

await main(process.argv.slice(2));
