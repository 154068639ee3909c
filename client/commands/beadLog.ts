import type { Command } from 'commander';
import { stopSignals } from '../../deploy/town/stopSignals.ts';
import { beadKey } from '../../workflows/domain/naming.ts';
import { type Answer, jsonLine, printLines } from '../answer.ts';
import { mustExist } from '../beadsOnDisk.ts';
import { answering, type Call } from '../call.ts';
import { callTexts } from '../callTexts.ts';
import { exitCode } from '../exitCodes.ts';
import { followBead } from '../followBead.ts';
import { clientIfOpen } from '../ifOpen.ts';
import { wholeNumber } from '../numbers.ts';
import { localStamp } from '../render/localTime.ts';
import { stateMark, stateStyle } from '../render/states.ts';
import { terminalOf } from '../render/terminal.ts';
import { transcriptLines } from '../render/transcript.ts';
import { type BeadTarget, readTarget } from '../targets.ts';
import { readTranscript, type TranscriptCall } from '../transcript.ts';

interface LogOptions {
  readonly full?: boolean;
  readonly turn?: number;
  readonly follow?: boolean;
}

export const addBeadLog = (bead: Command): void => {
  bead
    .command('log')
    .argument('<bead>', 'CONVOY/EPIC/BEAD')
    .summary('the calls of a bead, turn by turn')
    .description(
      'Shows every model call of a bead, failed ones too. Works while the town is closed. With --follow it goes on with ' +
        'each call and each step as they happen, until the bead has landed, is blocked or is cancelled.',
    )
    .option('--full', 'with prompts and replies')
    .option('--turn <n>', 'only this turn', wholeNumber)
    .option('-f, --follow', 'go on until the bead ends; Ctrl-C ends only the looking')
    .addHelpText(
      'after',
      '\nExamples:\n  gt bead log demo/core/parser\n  gt bead log demo/core/parser --turn 2 --full\n' +
        '  gt bead log demo/core/parser -f',
    )
    .action(answering(log));
};

const log = async (call: Call<LogOptions>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['bead']);
  const { options } = call;
  if (options.follow) return await follow(call, target);
  const { home } = await call.place();
  const all = await readTranscript(home, beadKey(target));
  if (all.length === 0) await mustExist(home, await clientIfOpen(call), target);
  const turns = all.filter(isWanted(options));
  const texts = options.full ? await callTexts(home, turns) : new Map<string, string>();
  return {
    data: turns,
    meta: { count: turns.length, home, ...(options.full ? { texts: Object.fromEntries(texts) } : {}) },
    asIs: turns.length > 0,
    lines: (terminal) =>
      turns.length === 0 ? [noCall(target, all)] : transcriptLines(turns, texts, terminal),
  };
};

const noCall = ({ name }: BeadTarget, all: readonly TranscriptCall[]): string =>
  all.length === 0
    ? `No model call of ${name} is recorded: it has made none yet.`
    : `${name} has no such turn; its last one is ${all.at(-1)?.turn}.`;

const follow = async (call: Call<LogOptions>, bead: BeadTarget): Promise<Answer> => {
  const { options } = call;
  // A closed town has nothing new to tell, and waiting for it would never end.
  const { home, client } = await call.town();
  await mustExist(home, client, bead);
  using signals = stopSignals();
  const terminal = terminalOf(process.stdout);
  let count = 0;
  let last: string | undefined;
  for await (const { calls, state } of followBead(home, client, bead, signals.drain)) {
    const news = calls.filter(isWanted(options));
    const texts = options.full ? await callTexts(home, news) : new Map<string, string>();
    const at = new Date().toISOString();
    if (options.json) {
      printLines(news.map((data) => jsonLine({ data, meta: { at } })));
      if (state !== undefined) printLines([jsonLine({ data: { state }, meta: { at } })]);
    } else {
      printLines(transcriptLines(news, texts, terminal));
      const mark = state && `${localStamp(at, terminal)}  ${stateMark(state)} ${state}`;
      if (state !== undefined && mark !== undefined) printLines([terminal.paint(stateStyle(state), mark)]);
    }
    count += news.length;
    last = state ?? last;
  }
  const over = { state: last, count };
  if (signals.drain.aborted) {
    const text = `Not looking any more; ${beadKey(bead)} goes on.`;
    return { data: over, lines: () => [text], code: exitCode.interrupted };
  }
  return { data: over, lines: () => [], code: last === 'landed' ? exitCode.ok : exitCode.failed };
};

const isWanted =
  ({ turn }: LogOptions) =>
  (call: TranscriptCall): boolean =>
    turn === undefined || call.turn === turn;
