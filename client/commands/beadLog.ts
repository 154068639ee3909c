import { type Command, Option } from 'commander';
import { beadKey } from '../../workflows/domain/naming.ts';
import type { Answer } from '../answer.ts';
import { mustExist } from '../beadsOnDisk.ts';
import { answering, type Call } from '../call.ts';
import { callTexts } from '../callTexts.ts';
import { clientIfOpen } from '../ifOpen.ts';
import { wholeNumber } from '../numbers.ts';
import { transcriptLines } from '../render/transcript.ts';
import { type BeadTarget, readTarget } from '../targets.ts';
import { readTranscript, type TranscriptCall } from '../transcript.ts';

interface LogOptions {
  readonly full?: boolean;
  readonly turn?: number;
  readonly follow?: boolean;
  readonly live: boolean;
  readonly format?: 'md' | 'jsonl';
  readonly out?: string;
}

export const addBeadLog = (bead: Command): void => {
  bead
    .command('log')
    .argument('<bead>', 'CONVOY/EPIC/BEAD')
    .summary('the calls of a bead, turn by turn')
    .description(
      'Shows every model call of a bead, failed ones too. Works while the town is closed. With --follow it goes on with ' +
        'each call and each step as they happen, and with what the model writes and the gates say meanwhile, until the ' +
        'bead has landed, is blocked or is cancelled. With --format the whole conversation is exported: prompts, replies, ' +
        'gates with their evidence, and the change of each turn; secrets are concealed, and nothing that a model or a ' +
        'repository wrote is live in the Markdown.',
    )
    .option('--full', 'with prompts and replies')
    .option('--turn <n>', 'only this turn', wholeNumber)
    .option('-f, --follow', 'go on until the bead ends; Ctrl-C ends only the looking')
    .option('--no-live', 'with --follow: only calls and steps, not what is being written')
    .addOption(
      new Option('--format <form>', 'export as Markdown, or as a JSON object a line').choices([
        'md',
        'jsonl',
      ]),
    )
    .option('-o, --out <file>', 'with --format: write it to this new file')
    .addHelpText(
      'after',
      '\nExamples:\n  gt bead log demo/core/parser\n  gt bead log demo/core/parser --turn 2 --full\n' +
        '  gt bead log demo/core/parser -f\n  gt bead log demo/core/parser --format md --out parser.md',
    )
    .action(answering(log));
};

const log = async (call: Call<LogOptions>, name: string): Promise<Answer> => {
  const target = readTarget(name, ['bead']);
  const { options } = call;
  if (options.format !== undefined || options.out !== undefined) {
    const { exportLog } = await import('./beadLogExport.ts');
    return await exportLog(call, target, isWanted(options));
  }
  if (options.follow) {
    const { followLog } = await import('./beadLogFollow.ts');
    return await followLog(call, target, isWanted(options));
  }
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

const isWanted =
  ({ turn }: Pick<LogOptions, 'turn'>) =>
  (call: TranscriptCall): boolean =>
    turn === undefined || call.turn === turn;
