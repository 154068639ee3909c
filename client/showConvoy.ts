import type { Client } from '@temporalio/client';
import type { ConvoyStatus } from '../workflows/domain/report.ts';
import { jsonLine, printLines } from './answer.ts';
import { followConvoy } from './follow.ts';
import { board } from './render/board.ts';
import { createCanvas } from './render/canvas.ts';
import { progressLines } from './render/progress.ts';
import type { Terminal } from './render/terminal.ts';

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
  for await (const status of followConvoy(watch.client, watch.convoy, closeness, watch.until)) {
    show(status);
    last = status;
  }
  return last;
};

const viewOf = ({ terminal, json }: ShowConvoy): ((status: ConvoyStatus) => void) => {
  if (json) return showJson;
  return terminal.redraws ? showBoard(terminal) : showLines(terminal);
};

const showJson = (status: ConvoyStatus): void =>
  printLines([jsonLine({ data: status, meta: { at: new Date().toISOString() } })]);

const showLines = (terminal: Terminal): ((status: ConvoyStatus) => void) => {
  let before: ConvoyStatus | undefined;
  return (status) => {
    printLines(progressLines(before, status, terminal));
    before = status;
  };
};

const showBoard = (terminal: Terminal): ((status: ConvoyStatus) => void) => {
  const canvas = createCanvas(process.stdout);
  return (status) => canvas.draw(board(status, terminal));
};
