import type { Command } from 'commander';
import type { Town } from '../../deploy/town/openTown.ts';
import { defaultGraceMs, workerKinds } from '../../deploy/town/programs.ts';
import { stopSignals } from '../../deploy/town/stopSignals.ts';
import { type Answer, printAside, printLines } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { openDetached } from '../detach.ts';
import { exitCode } from '../exitCodes.ts';
import { wholeNumber } from '../numbers.ts';
import { temporalLine } from '../render/temporalLine.ts';
import { folded, terminalOf } from '../render/terminal.ts';
import { townEventLines } from '../render/townEvents.ts';
import { temporalBinary } from '../temporalBinary.ts';

interface Options {
  readonly detach?: boolean;
  readonly grace: number;
  readonly workers: number;
  readonly hostWorkers: number;
  readonly ui: boolean;
}

export const addUp = (program: Command): void => {
  program
    .command('up')
    .summary('open the town and keep it running')
    .description(
      'Opens the town (one installation: a configuration, a home folder, a Temporal server, workers) and keeps it ' +
        'running until Ctrl-C, `gt down` or SIGTERM. What was under way when it was last closed or killed goes on.',
    )
    .option('-d, --detach', 'run in the background; returns when the town is open')
    .option(
      '--grace <seconds>',
      'how long work may go on after the first Ctrl-C',
      wholeNumber,
      defaultGraceMs / 1_000,
    )
    .option('--workers <n>', 'processes that serve the repositories', wholeNumber, 1)
    .option('--host-workers <n>', 'processes that hold the model hosts', wholeNumber, 1)
    .option('--no-ui', 'do without Temporal’s Web UI')
    .addHelpText(
      'after',
      '\nExamples:\n  gt up                 in this terminal, with its events\n  gt up --detach        in the background',
    )
    .action(answering(up));
};

const up = async (call: Call<Options>): Promise<Answer> => {
  const { options } = call;
  const place = await call.configured();
  const { config } = place;
  for (const warning of config.warnings) printAside(`Note: ${warning}`);
  printAside(temporalLine(config));
  if (options.detach) return await openDetached(place, options);

  const terminal = terminalOf(process.stdout);
  const say = (lines: readonly string[]): void => {
    // With --json, stdout has the one object of the answer.
    if (lines.length === 0) return;
    if (options.json) printAside(...lines);
    else printLines(folded(lines, terminal.width));
  };
  using signals = stopSignals((step) =>
    printAside(step === 'drain' ? drainText(options.grace) : 'Ending everything now.'),
  );
  const temporalCli = config.temporal.address === undefined ? await temporalBinary() : undefined;
  const [{ openTown }, { openDesk }] = await Promise.all([
    import('../../deploy/town/openTown.ts'),
    import('../desk/openDesk.ts'),
  ]);
  let town: Town;
  try {
    town = await openTown({
      config,
      temporalCli,
      drain: signals.drain,
      kill: signals.kill,
      graceMs: options.grace * 1_000,
      ui: options.ui,
      workers: workerKinds({ town: options.workers, hosts: options.hostWorkers }),
      onEvent: (event) => say(townEventLines(event, terminal)),
    });
  } catch (error) {
    if (!signals.drain.aborted) throw error;
    return closed(exitCode.interrupted);
  }
  try {
    await Promise.race([town.ready, town.exited]);
  } catch (error) {
    await town.stop();
    throw error;
  }
  await using _desk = await openDesk({ config, client: town.client });
  if (!signals.drain.aborted) {
    say([
      `Town ${config.name} is open. Web UI: ${town.uiUrl ?? 'off'}. Temporal: ${town.address}, namespace ${town.namespace}.`,
      'Next: `gt convoy launch PLAN` in another terminal. Ctrl-C closes the town; what is under way goes on at the next `gt up`.',
    ]);
  }
  await town.exited;
  return closed(signals.kill.aborted ? exitCode.interrupted : exitCode.ok);
};

const drainText = (grace: number): string =>
  `Closing: what runs may finish for ${grace} s. Ctrl-C again ends it at once; either way nothing is lost.`;

const closed = (code: 0 | 130): Answer => ({
  data: { state: 'closed' },
  lines: () => ['The town is closed. `gt up` goes on where it was.'],
  code,
});
