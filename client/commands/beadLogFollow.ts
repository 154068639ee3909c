import { stopSignals } from '../../deploy/town/stopSignals.ts';
import { beadKey } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { type Answer, jsonLine, printLines } from '../answer.ts';
import { mustExist } from '../beadsOnDisk.ts';
import type { Call } from '../call.ts';
import { callTexts } from '../callTexts.ts';
import { exitCode } from '../exitCodes.ts';
import { followBead } from '../followBead.ts';
import { followLive } from '../liveLog.ts';
import { localStamp } from '../render/localTime.ts';
import { stateMark, stateStyle } from '../render/states.ts';
import { type Terminal, terminalOf } from '../render/terminal.ts';
import { transcriptLines } from '../render/transcript.ts';
import type { BeadTarget } from '../targets.ts';
import type { TranscriptCall } from '../transcript.ts';

interface Options {
  readonly full?: boolean;
  readonly turn?: number;
  /** False with --no-live. */
  readonly live: boolean;
}

/** Columns of `2026-01-31 07:00:59`. */
const stampColumns = 19;

/** Prints calls and steps of a bead as they happen, and what is written and said meanwhile, until the bead ends. */
export const followLog = async (
  call: Call<Options>,
  bead: BeadTarget,
  isWanted: (one: TranscriptCall) => boolean,
): Promise<Answer> => {
  const { options } = call;
  // A closed town has nothing new to tell, and waiting for it would never end.
  const { home, client } = await call.town();
  await mustExist(home, client, bead);
  using signals = stopSignals();
  const terminal = terminalOf(process.stdout);
  const over = new AbortController();
  const listen = (): Promise<void> =>
    printLive(home, bead, AbortSignal.any([over.signal, signals.drain]), terminal, options.json === true);
  let live: Promise<void> | undefined;
  let count = 0;
  let last: string | undefined;
  try {
    for await (const { calls, state, review } of followBead(home, client, bead, signals.drain)) {
      const news = calls.filter(isWanted);
      const texts = options.full ? await callTexts(home, news) : new Map<string, string>();
      const at = new Date().toISOString();
      if (options.json) {
        printLines(news.map((data) => jsonLine({ data, meta: { at } })));
        if (review !== undefined) printLines([jsonLine({ data: { review }, meta: { at } })]);
        if (state !== undefined) printLines([jsonLine({ data: { state }, meta: { at } })]);
      } else {
        printLines(transcriptLines(news, texts, terminal));
        if (review !== undefined)
          printLines([
            `${localStamp(at, terminal)}  ${terminal.paint('dim', `review: ${oneLine(review, 200)}`)}`,
          ]);
        // When it came to the state that it is found in, nobody here has seen.
        const since = last === undefined ? 'now'.padEnd(stampColumns) : localStamp(at, terminal);
        const mark = state && `${since}  ${stateMark(state)} ${state}`;
        if (state !== undefined && mark !== undefined) printLines([terminal.paint(stateStyle(state), mark)]);
      }
      count += news.length;
      last = state ?? last;
      // After what is over: what is written now belongs beneath it.
      if (options.live) live ??= listen();
    }
  } finally {
    over.abort();
    await live;
  }
  const seen = { state: last, count };
  if (signals.drain.aborted) {
    const text = `Not looking any more; ${beadKey(bead)} goes on.`;
    return { data: seen, lines: () => [text], code: exitCode.interrupted };
  }
  return { data: seen, lines: () => [], code: last === 'landed' ? exitCode.ok : exitCode.failed };
};

/** What is written and said, apart from the steps by a bar at the left. */
const printLive = async (
  home: string,
  bead: BeadTarget,
  signal: AbortSignal,
  terminal: Terminal,
  json: boolean,
): Promise<void> => {
  for await (const lines of followLive(home, beadKey(bead), signal)) {
    if (json) printLines([jsonLine({ data: { live: lines }, meta: { at: new Date().toISOString() } })]);
    else printLines(lines.map((line) => `${terminal.paint('dim', '  |')} ${onOwnClock(line, terminal)}`));
  }
};

/** Headings have the moment as the town writes it. */
const onOwnClock = (line: string, terminal: Terminal): string =>
  line.replace(/^== (\d{4}-\S+Z) /, (_, at: string) => `== ${localStamp(at, terminal)} `);
