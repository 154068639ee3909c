import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What a page of output may use: how wide it is, whether it can be redrawn, whether it may have colour. */
export interface Terminal {
  readonly width: number;
  readonly redraws: boolean;
  paint(style: Style, text: string): string;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** NO_COLOR and TERM=dumb are honoured; a pipe gets plain lines, as wide as they need to be. */
export const terminalOf = (stream: Stream, env: NodeJS.ProcessEnv = process.env): Terminal => {
  const tty = stream.isTTY === true;
  const colour = tty && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return {
    width: tty ? Math.max(40, stream.columns ?? 80) : Number.POSITIVE_INFINITY,
    redraws: tty && env.TERM !== 'dumb',
    paint: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
  };
};

/** Cuts a line to the terminal, with a mark that something is missing. */
export const cut = (text: string, width: number): string => {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
};

/**
 * Breaks a line between words where it is wider than the terminal; what follows is indented a little more. A command is never
 * broken, since people copy it: one that does not fit is left to the terminal.
 */
export const wrap = (text: string, width: number, hang = 2): readonly string[] => {
  if ([...text].length <= width) return [text];
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line = '';
  for (const part of unbroken(text.slice(indent.length))) {
    const start = lines.length === 0 ? indent : indent + ' '.repeat(hang);
    const longer = line === '' ? start + part : `${line} ${part}`;
    if (line === '' || [...longer].length <= width) line = longer;
    else {
      lines.push(line);
      line = indent + ' '.repeat(hang) + part;
    }
  }
  return [...lines, line];
};

/** Words, and commands with all their arguments: those in backticks, and `gt` or `git` up to the next mark. */
const unbroken = (text: string): readonly string[] => {
  const parts: string[] = [];
  let ends: RegExp | undefined;
  for (const word of text.split(' ')) {
    const glued = ends !== undefined;
    if (ends === undefined) {
      if (/^\W*`[^`]+$/.test(word)) ends = /`/;
      else if (word === 'gt' || word === 'git') ends = /[;,.:)]$/;
    } else if (ends.test(word)) ends = undefined;
    if (glued) parts.push(`${parts.pop() ?? ''} ${word}`);
    else parts.push(word);
  }
  return parts;
};
