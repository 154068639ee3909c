import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { printJsonTrouble, printTrouble } from './answer.ts';
import { exitCode } from './exitCodes.ts';
import { folded, terminalOf } from './render/terminal.ts';
import { type Told, told } from './trouble.ts';

/** By the first word of a command line, in the order of the help. A module is loaded when its command is meant, or all are. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  init: async () => (await import('./commands/init.ts')).addInit,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  up: async () => (await import('./commands/up.ts')).addUp,
  down: async () => (await import('./commands/down.ts')).addDown,
  status: async () => (await import('./commands/status.ts')).addStatus,
  convoy: async () => (await import('./commands/convoy.ts')).addConvoy,
  inbox: async () => (await import('./commands/inbox.ts')).addInbox,
  escalations: async () => (await import('./commands/escalations.ts')).addEscalations,
  problems: async () => (await import('./commands/problems.ts')).addProblems,
  send: async () => (await import('./commands/send.ts')).addSend,
  nudge: async () => (await import('./commands/nudge.ts')).addNudge,
  plan: async () => (await import('./commands/plan.ts')).addPlan,
  bead: async () => (await import('./commands/bead.ts')).addBead,
  handoff: async () => (await import('./commands/handoff.ts')).addHandoff,
  seance: async () => (await import('./commands/seance.ts')).addSeance,
  stop: async () => (await import('./commands/stop.ts')).addStop,
  resume: async () => (await import('./commands/resume.ts')).addResume,
  pause: async () => (await import('./commands/pause.ts')).addPause,
  polecats: async () => (await import('./commands/polecats.ts')).addPolecats,
  capture: async () => (await import('./commands/capture.ts')).addCapture,
  completion: async () => (await import('./commands/completion.ts')).addCompletion,
  cancel: async () => (await import('./commands/cancel.ts')).addCancel,
  budget: async () => (await import('./commands/budget.ts')).addBudget,
  refinery: async () => (await import('./commands/refinery.ts')).addRefinery,
  submit: async () => (await import('./commands/submit.ts')).addSubmit,
  land: async () => (await import('./commands/land.ts')).addLand,
  costs: async () => (await import('./commands/costs.ts')).addCosts,
  report: async () => (await import('./commands/report.ts')).addReport,
  disk: async () => (await import('./commands/disk.ts')).addDisk,
  prune: async () => (await import('./commands/prune.ts')).addPrune,
  town: async () => (await import('./commands/town.ts')).addTown,
  rig: async () => (await import('./commands/rig.ts')).addRig,
  host: async () => (await import('./commands/host.ts')).addHost,
  fleet: async () => (await import('./commands/fleet.ts')).addFleet,
  help: async () => (await import('./commands/helpTopics.ts')).addHelpTopics,
};

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
    const gt = await program(argv);
    await gt.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    const said = told(error);
    const code = said?.code ?? commanderCode(error);
    if (said !== undefined) printTrouble(said, argv.includes('--json'));
    else if (code !== exitCode.ok && argv.includes('--json')) printJsonTrouble(badCommandLine(error));
    if (process.env['GT_DEBUG'] === '1') console.error(error);
    process.exitCode = code;
  }
};

const program = async (argv: readonly string[]): Promise<Command> => {
  const gt = new Command('gt')
    .description(
      'Gas Town: a town of coding agents that takes plans to landed commits.\n\n' +
        'A convoy (what you launch) has epics (goals), an epic has beads (tasks). Each bead is worked on by a polecat ' +
        '(worker agent) in a worktree (own checkout) of its rig (repository); the refinery (merge queue) lands what passes.',
    )
    .option('--home <folder>', 'the town’s folder (default: what gastown.yaml or GASTOWN_HOME says)')
    .option(
      '--config <file>',
      'the town’s configuration (default: the nearest gastown.yaml from here upwards)',
    )
    .option('--json', 'answer as one JSON object: {"data":…,"meta":{…}}')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  gt init                             write gastown.yaml; asks little\n' +
        '  gt doctor                           is all well?\n' +
        '  gt up --detach                      open the town in the background\n' +
        '  gt convoy launch plan.yaml --watch  start a plan and follow it\n' +
        '  gt status                           the town on a page\n' +
        '\nWords: `gt help glossary`. Exit codes: `gt help exit-codes`.',
    )
    .version(version(), '-V, --version', 'the version of this package')
    .configureHelp({ boxWrap: helpText })
    .configureOutput({ writeErr: (text) => void process.stderr.write(shownError(text)) })
    .exitOverride();
  for (const load of meant(argv)) (await load())(gt);
  gt.helpCommand(false);
  gt.showHelpAfterError('Next: `gt --help` lists the commands.');
  everyCommand(gt, (command) => {
    const path = pathOf(command);
    command
      .exitOverride()
      .addHelpText('after', '\nWith every command: --json, --home, --config (`gt --help`).');
    const help = command.commands.length > 0 ? 'lists its commands' : 'says what these mean, with examples';
    command.showHelpAfterError(`Usage: ${path} ${command.usage()}\nNext: \`${path} --help\` ${help}.`);
  });
  return gt;
};

/** All of them would take half a second to load, most of which goes into one that nobody asked for. */
const meant = (argv: readonly string[]) => {
  const word = argv.find((one, at) => !one.startsWith('-') && !takesValue(argv[at - 1]));
  const needsAll = word === undefined || ['completion', 'help'].includes(word);
  const load = needsAll ? undefined : Object.hasOwn(commands, word) ? commands[word] : undefined;
  return load === undefined ? Object.values(commands) : [load];
};

const takesValue = (option: string | undefined): boolean => option === '--home' || option === '--config';

/** As commander breaks help, but never inside a command in backticks. Narrower than this it leaves lines to the terminal. */
const helpText = (text: string, width: number): string =>
  width < 40 ? text : folded(text.split('\n'), width, 0).join('\n');

/** What commander says of a wrong command line. */
const shownError = (text: string): string =>
  folded(text.split('\n'), terminalOf(process.stderr).width).join('\n');

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
