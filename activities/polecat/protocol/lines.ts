import type { Fault } from './edit.ts';

/** A reply as lines, without what servers and templates leave around it. `first` is the reply's line number of lines[0]. */
export interface ReplyLines {
  readonly lines: readonly string[];
  readonly first: number;
  readonly fault?: Fault;
}

/** Splits a reply: no BOM, no CR of CRLF, no end-of-text tokens, no thinking. */
export const replyLines = (text: string): ReplyLines => {
  const whole = withoutEndTokens(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
  const thought = endOfThought(whole);
  if (thought === undefined)
    return {
      lines: [],
      first: 1,
      fault: { kind: 'malformed', what: 'The reply ends inside <think>: it has thoughts and no answer.' },
    };
  const skipped = whole.slice(0, thought);
  return { lines: whole.slice(thought).split('\n'), first: 1 + newlines(skipped) };
};

/**
 * Where the answer begins; undefined when the thinking never ends. A template may have eaten the opening tag, so a
 * closing tag alone counts, but only on a line of its own: files may mention the tag.
 */
const endOfThought = (text: string): number | undefined => {
  const open = /^\s*<(think|thinking)>/.exec(text);
  if (open) {
    const close = text.indexOf(`</${open[1]}>`);
    return close < 0 ? undefined : close + `</${open[1]}>`.length;
  }
  const lone = /^[ \t]*<\/(?:think|thinking)>[ \t]*$/m.exec(text);
  if (lone && !/<(?:think|thinking)>/.test(text.slice(0, lone.index))) return lone.index + lone[0].length;
  return 0;
};

const endTokens = [
  '<|im_end|>',
  '<|endoftext|>',
  '<|eot_id|>',
  '<|end|>',
  '<|end_of_text|>',
  '</s>',
  '<end_of_turn>',
];

/** Not by one pattern: it would need time quadratic in the blanks of a hostile reply. */
const withoutEndTokens = (text: string): string => {
  let rest = text;
  for (;;) {
    const trimmed = rest.trimEnd();
    const token = endTokens.find((one) => trimmed.endsWith(one));
    if (token === undefined) return rest;
    rest = trimmed.slice(0, -token.length);
  }
};

const newlines = (text: string): number => text.split('\n').length - 1;

/** Index of the first line that is not blank, from `at` on. */
export const nextText = (lines: readonly string[], at: number): number => {
  let index = at;
  while (index < lines.length && lines[index]?.trim() === '') index++;
  return index;
};
