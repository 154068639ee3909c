import { parseArgs } from 'node:util';
import { loadConfig, type TownConfig } from '../deploy/config/index.ts';
import { loadPlan } from '../deploy/plan/index.ts';
import { openTown, type Town } from '../deploy/town/openTown.ts';
import { type StopSignals, stopSignals } from '../deploy/town/stopSignals.ts';
import type { ConvoyStatus } from '../workflows/domain/report/report.ts';
import { printAside, printLines, printTrouble } from './answer.ts';
import { openDesk } from './desk/openDesk.ts';
import { exitCode } from './exitCodes.ts';
import { launchConvoy } from './launchConvoy.ts';
import { folded, terminalOf } from './render/terminal.ts';
import { townEventLines } from './render/townEvents.ts';
import { prepareOwn } from './start/own.ts';
import type { Prepared } from './start/prepared.ts';
import { prepareSample } from './start/sample.ts';
import { printSummary } from './start/summary.ts';
import { ClientError, told } from './trouble.ts';
import { watchConvoy } from './watchConvoy.ts';

/**
 * `npm start`: opens a town of its own on this machine and takes a plan to landed commits: the sample's, with canned
 * replies, or with --repo, --plan, --host and --model one of the user's own.
 */
const start = async (): Promise<number> => {
  // npm runs scripts in the clone; paths are meant from where the person is.
  const { INIT_CWD: from, npm_lifecycle_event: script } = process.env;
  if (script === 'start' && from !== undefined) process.chdir(from);
  const { help, ...flags } = flagsOf(process.argv.slice(2));
  if (help) {
    console.log(usage);
    return exitCode.ok;
  }
  const own = Object.keys(flags).length > 0;
  await using prepared: Prepared = own ? await prepareOwn(flags) : await prepareSample();
  // Awaited here: the scripted host lives as long as this scope.
  return await run(prepared);
};

const flagsOf = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        repo: { type: 'string' },
        plan: { type: 'string' },
        host: { type: 'string' },
        model: { type: 'string' },
        kind: { type: 'string' },
        gate: { type: 'string', multiple: true },
        branch: { type: 'string' },
        context: { type: 'string' },
        home: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new ClientError(exitCode.badInput, {
      type: 'BadFlags',
      what: 'This command line is not understood; nothing was started.',
      evidence: error instanceof Error ? error.message : String(error),
      next: '`npm start -- --help` shows the flags; mind the -- that npm needs before them.',
    });
  }
};

const run = async (prepared: Prepared): Promise<number> => {
  using signals = stopSignals((step) =>
    console.error(
      step === 'drain' ? '\nStopping: what runs may finish. Ctrl-C again ends it at once.' : '\nEnding now.',
    ),
  );
  const loaded = await loadConfig(prepared.configFile);
  // Never somebody's TEMPORAL_ADDRESS: this town has a server of its own.
  const config = { ...loaded, temporal: { ...loaded.temporal, address: undefined } };
  const plan = await loadPlan(prepared.planFile, config);

  printLines(folded(prepared.opening, terminalOf(process.stdout).width));
  console.log('Starting a Temporal server …');
  const town = await open(config, signals);
  if (town === undefined) return interrupted(prepared);
  try {
    console.log(`Web UI: ${town.uiUrl}/namespaces/${town.namespace}/workflows`);
    console.log('Starting the workers …');
    await Promise.race([town.ready, town.exited]);
    if (signals.drain.aborted) return interrupted(prepared);
    await using _desk = await openDesk({ config, client: town.client });
    const rigs = [...new Set(plan.epics.map(({ rig }) => rig))].join(', ');
    console.log(`Opening the rig (repository) ${rigs}, then the first beads (tasks) start …`);
    const launched = await launchConvoy({ client: town.client, config, plan });
    console.log('');
    const watched = await watchConvoy(town.client, launched.convoy, false);
    const status = watched.data as ConvoyStatus;
    if (signals.drain.aborted) return interrupted(prepared);
    await printSummary({ prepared, status, client: town.client });
    return watched.code ?? exitCode.ok;
  } catch (error) {
    // Whatever was being asked of a town that the person has closed could not be answered.
    if (!signals.drain.aborted) throw error;
    return interrupted(prepared);
  } finally {
    await town.stop();
  }
};

const interrupted = ({ stopped }: Prepared): number => {
  printAside(stopped);
  return exitCode.interrupted;
};

/** Undefined when the person has ended it before it was open. */
const open = async (config: TownConfig, signals: StopSignals): Promise<Town | undefined> => {
  const terminal = terminalOf(process.stdout);
  let opening = true;
  try {
    const town = await openTown({
      config,
      temporalCli: process.env['GASTOWN_TEMPORAL_CLI'],
      drain: signals.drain,
      kill: signals.kill,
      graceMs: 10_000,
      // A board that is drawn in place has no room for them later.
      onEvent: (event) => {
        if (opening && event.kind !== 'ready' && event.kind !== 'serverReady')
          printLines(townEventLines(event, terminal));
      },
    });
    const over = (): void => {
      opening = false;
    };
    town.ready.then(over, over);
    return town;
  } catch (error) {
    if (signals.drain.aborted) return;
    throw error;
  }
};

const usage = `npm start
  Opens a town on this machine and takes the sample plan to landed commits.
  Replies are canned, all else is real.

npm start -- --repo PATH --plan FILE --host URL --model NAME --gate COMMAND
  The same with your own repository, plan, model host (Ollama, llama.cpp,
  vLLM, …) and gates.
    --repo PATH       a git repository; work lands on its branch, or beside it
                      when that is checked out
    --plan FILE       a plan in YAML: beads (tasks) with ids, needs, files
    --host URL        for example http://127.0.0.1:11434
    --model NAME      the name that the host knows the model by
    --kind KIND       ollama or openai; guessed from the host when left out
    --gate COMMAND    a command that must exit 0 before anything lands, such as
                      "npm test"; may be given several times
    --branch NAME     main when left out
    --context TOKENS  what one request may count on; 16384 when left out
    --home FOLDER     where the town keeps its files`;

try {
  process.exitCode = await start();
} catch (error) {
  const trouble = told(error);
  if (trouble !== undefined) printTrouble(trouble, false);
  process.exitCode = trouble?.code ?? exitCode.failed;
}
