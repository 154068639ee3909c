import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { printJsonTrouble, printTrouble } from './answer.ts';
import { addBead } from './commands/bead.ts';
import { addBudget } from './commands/budget.ts';
import { addCancel } from './commands/cancel.ts';
import { addConvoy } from './commands/convoy.ts';
import { addDisk } from './commands/disk.ts';
import { addDown } from './commands/down.ts';
import { addHandoff } from './commands/handoff.ts';
import { addHelpTopics } from './commands/helpTopics.ts';
import { addPause } from './commands/pause.ts';
import { addPrune } from './commands/prune.ts';
import { addRefinery } from './commands/refinery.ts';
import { addResume } from './commands/resume.ts';
import { addStatus } from './commands/status.ts';
import { addStop } from './commands/stop.ts';
import { addTown } from './commands/town.ts';
import { addUp } from './commands/up.ts';
import { exitCode } from './exitCodes.ts';
import { type Told, told } from './trouble.ts';

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
    const code = said?.code ?? commanderCode(error);
    if (said !== undefined) printTrouble(said, argv.includes('--json'));
    else if (code !== exitCode.ok && argv.includes('--json')) printJsonTrouble(badCommandLine(error));
    if (process.env['GT_DEBUG'] === '1') console.error(error);
    process.exitCode = code;
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
    .version(version(), '-V, --version', 'the version of this package')
    .exitOverride();
  for (const add of [addUp, addDown, addStatus, addConvoy, addBead, addHandoff, addStop, addResume, addPause])
    add(gt);
  for (const add of [addCancel, addBudget, addRefinery]) add(gt);
  for (const add of [addDisk, addPrune, addTown]) add(gt);
  addHelpTopics(gt);
  gt.showHelpAfterError('Next: `gt --help` lists the commands.');
  everyCommand(gt, (command) => {
    const path = pathOf(command);
    command
      .exitOverride()
      .addHelpText('after', '\nWith every command: --json, --home, --config (`gt --help`).');
    command.showHelpAfterError(
      `Usage: ${path} ${command.usage()}\nNext: \`${path} --help\` says what these mean, with examples.`,
    );
  });
  return gt;
};

/** As a person types it, such as `gt convoy launch`. */
const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

const version = (): string => {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
};

const everyCommand = (command: Command, act: (command: Command) => void): void => {
  for (const child of command.commands) {
    act(child);
    everyCommand(child, act);
  }
};

/** Commander has told people already. */
const badCommandLine = (error: unknown): Told => ({
  code: exitCode.badInput,
  trouble: {
    type: 'BadCommandLine',
    what: saidBy(error),
    evidence: '',
    next: '`gt --help` lists the commands; --help after one shows how it is used.',
  },
});

/** A group of commands without one of them makes commander print help, and throw a word of its own. */
const saidBy = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  return text === '(outputHelp)' ? 'This command line names no command.' : text;
};

/** Help that was asked for is no error; everything else that commander ends by is a wrong command line. */
const commanderCode = (error: unknown): number =>
  error instanceof CommanderError && error.exitCode === 0 ? exitCode.ok : exitCode.badInput;

await main(process.argv.slice(2));
