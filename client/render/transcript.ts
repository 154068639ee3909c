import { totalTokens } from '../../workflows/domain/host/model.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { TranscriptCall } from '../transcript.ts';
import { amount, duration, short } from './amounts.ts';
import { localStamp } from './localTime.ts';
import type { Terminal } from './terminal.ts';

/** A bead's model calls, one a line, each followed by its prompt and reply when `texts` has them. */
export const transcriptLines = (
  calls: readonly TranscriptCall[],
  texts: ReadonlyMap<string, string>,
  terminal: Terminal,
): readonly string[] =>
  calls.flatMap((call, at) => [
    ...(startsAgain(calls[at - 1], call)
      ? [terminal.paint('dim', 'Resumed after it had ended: its turns count from 1 again.')]
      : []),
    terminal.paint(outcomeOf(call) === 'stop' ? 'bold' : 'yellow', callLine(call, terminal)),
    ...textLines('prompt', call.promptRef, texts, terminal),
    ...textLines('reply', call.replyRef, texts, terminal),
  ]);

/** A bead that has ended, and is started again, has another life. */
const startsAgain = (before: TranscriptCall | undefined, call: TranscriptCall): boolean =>
  before !== undefined && call.turn < before.turn;

const callLine = (call: TranscriptCall, terminal: Terminal): string =>
  [
    localStamp(call.at, terminal),
    `turn ${call.turn}${call.role === undefined || call.role === 'polecat' ? '' : ` (${oneLine(call.role, 20)})`}`,
    ...((call.attempt ?? 1) > 1 ? [`attempt ${call.attempt}`] : []),
    oneLine(`${call.model}${call.host === undefined ? '' : ` on ${call.host}`}`),
    ...(call.usage === undefined ? [] : [`${amount(totalTokens(call.usage))} tokens`]),
    ...(call.ms === undefined ? [] : [duration(call.ms)]),
    outcomeOf(call),
    ...(call.promptRef === undefined ? [] : [`prompt ${short(call.promptRef)}`]),
    ...(call.replyRef === undefined ? [] : [`reply ${short(call.replyRef)}`]),
  ].join('  ');

const outcomeOf = (call: TranscriptCall): string => {
  if (call.cancelled) return 'cancelled';
  if (typeof call.failure === 'object') return oneLine(`${call.failure.type}: ${call.failure.what}`);
  if (call.failure !== undefined) return oneLine(call.failure);
  return oneLine(call.outcome ?? call.finish ?? '');
};

const textLines = (
  what: string,
  ref: string | undefined,
  texts: ReadonlyMap<string, string>,
  terminal: Terminal,
): readonly string[] => {
  const text = ref === undefined ? undefined : texts.get(ref);
  if (text === undefined) return [];
  const lines = plainLines(readable(text)).trimEnd().split('\n');
  return ['', terminal.paint('dim', `  ${what}:`), ...lines.map((line) => `    ${line}`), ''];
};

/** A prompt is kept as the JSON that was sent; people read its messages. */
const readable = (text: string): string => {
  try {
    const { messages } = JSON.parse(text) as { messages: readonly { role: string; content: string }[] };
    return messages.map(({ role, content }) => `[${role}]\n${content}`).join('\n');
  } catch {
    return text;
  }
};
