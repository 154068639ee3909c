import type { Client } from '@temporalio/client';
import type { ConvoyStatus, HostStatus } from '../workflows/domain/report/report.ts';
import { jsonLine, printLines } from './answer.ts';
import { followConvoy, type Sight } from './follow.ts';
import { awaited } from './queues.ts';
import { createCanvas } from './render/canvas.ts';
import { liveBoard } from './render/liveBoard.ts';
import { progressLines } from './render/progress.ts';
import { folded, type Terminal } from './render/terminal.ts';
import { refusalLines, stoppedLines } from './render/townPage.ts';

export interface ShowConvoy {
  readonly client: Client;
  readonly convoy: string;
  readonly terminal: Terminal;
  /** Ends the watching; the convoy goes on. */
  readonly until?: AbortSignal;
  /** A JSON line a change. */
  readonly json?: boolean;
}

/**
 * Shows a convoy until it ends: a board that is redrawn in place on a terminal, a line a change in a pipe. Returns the
 * last state seen; undefined when the watching was ended before there was any.
 */
export const showConvoy = async (watch: ShowConvoy): Promise<ConvoyStatus | undefined> => {
  const show = viewOf(watch);
  // A board has a place for each bead's moment; lines only tell what is lasting.
  const closeness = watch.terminal.redraws && !watch.json ? 'beads' : 'epics';
  let last: ConvoyStatus | undefined;
  for await (const sight of followConvoy(watch.client, watch.convoy, closeness, watch.until)) {
    show(sight);
    last = sight.convoy;
  }
  return last;
};

const viewOf = ({ terminal, json }: ShowConvoy): ((sight: Sight) => void) => {
  if (json) return showJson;
  return terminal.redraws ? showBoard(terminal) : showLines(terminal);
};

const showJson = ({ convoy, hosts }: Sight): void =>
  printLines([jsonLine({ data: convoy, meta: { at: new Date().toISOString(), refusing: refusing(hosts) } })]);

const refusing = (hosts: readonly HostStatus[]): readonly HostStatus[] =>
  hosts.filter(({ closed }) => closed.length > 0);

const showLines = (terminal: Terminal): ((sight: Sight) => void) => {
  let before: ConvoyStatus | undefined;
  let refused: readonly string[] = [];
  return ({ convoy, hosts, refineries }) => {
    printLines(folded(progressLines(before, convoy, terminal), terminal.width));
    const lines = [...stoppedLines(awaited(refineries, convoy), terminal), ...refusalLines(hosts, terminal)];
    if (lines.join('\n') !== refused.join('\n')) printLines(lines);
    before = convoy;
    refused = lines;
  };
};

const showBoard = (terminal: Terminal): ((sight: Sight) => void) => {
  const canvas = createCanvas(process.stdout);
  return (sight) => canvas.draw(liveBoard(sight, terminal, (process.stdout.rows ?? 24) - 1));
};
