import type { Client } from '@temporalio/client';
import { stopSignals } from '../deploy/town/stopSignals.ts';
import type { ConvoyStatus } from '../workflows/domain/report/report.ts';
import type { Answer } from './answer.ts';
import { type ExitCode, exitCode } from './exitCodes.ts';
import type { Place } from './places.ts';
import { tally } from './render/board.ts';
import { proposalsNote } from './render/proposals.ts';
import { takeOverSection } from './render/takeOver.ts';
import { terminalOf } from './render/terminal.ts';
import { showConvoy } from './showConvoy.ts';
import { takeOversAtEnd } from './takeOver.ts';

/** Follows a convoy for a command: Ctrl-C ends only the watching, and the exit code says how the convoy ended. */
export const watchConvoy = async (
  client: Client,
  convoy: string,
  json: boolean,
  where?: Place,
): Promise<Answer> => {
  using signals = stopSignals();
  const terminal = terminalOf(process.stdout);
  const last = await showConvoy({ client, convoy, terminal, json, until: signals.drain });
  if (!signals.drain.aborted) {
    // The board is gone with the night; what a person has to do must be there in the morning.
    const takeOvers = last === undefined ? [] : await takeOversAtEnd(client, last, where);
    const proposed = last === undefined || json ? [] : proposalsNote(convoy, last.epics);
    const lines = () => [...proposed.flatMap((line) => ['', line]), ...takeOverSection(takeOvers)];
    return { data: last, meta: { takeOvers }, lines, code: convoyCode(last) };
  }
  const text = `Not watching any more; convoy ${convoy} goes on.`;
  return { data: last, lines: () => [text], code: exitCode.interrupted };
};

/** Whether everything landed. */
export const convoyCode = (status: ConvoyStatus | undefined): ExitCode => {
  if (status === undefined) return exitCode.ok;
  const { beads, landed, stuck } = tally(status);
  // Cancelled or failed before it knew its beads, it has none that are stuck.
  const failed =
    ['failed', 'cancelled'].includes(status.state) ||
    stuck > 0 ||
    (status.state === 'done' && landed < beads);
  return failed ? exitCode.failed : exitCode.ok;
};
