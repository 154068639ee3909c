import { styleText } from 'node:util';
import { beginning, columnsOf, ending } from './columns.ts';
import { ownZone } from './localTime.ts';

type Style = Parameters<typeof styleText>[0];

/** What a page of output may use: how wide it is, whether it can be redrawn, whether it may have colour. */
export interface Terminal {
  readonly width: number;
  readonly redraws: boolean;
  /** Of the reader, as IANA names it; that of this process when left out. */
  readonly timeZone?: string;
  paint(style: Style, text: string): string;
}

/** What makes a terminal, as plain data that another process can be told. */
export interface TerminalKind {
  /** Columns; undefined where lines may be as wide as they need to be. */
  readonly columns: number | undefined;
  readonly redraws: boolean;
  readonly colour: boolean;
  /** Of the reader, as IANA names it; that of whoever lays out when left out. */
  readonly timeZone?: string;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** NO_COLOR and TERM=dumb are honoured; a pipe gets plain lines, as wide as they need to be. */
export const terminalKind = (stream: Stream, env: NodeJS.ProcessEnv = process.env): TerminalKind => {
  const tty = stream.isTTY === true;
  const smart = tty && env.TERM !== 'dumb';
  return {
    columns: tty ? Math.max(40, stream.columns ?? 80) : undefined,
    redraws: smart,
    colour: smart && (env.NO_COLOR ?? '') === '',
    timeZone: ownZone(),
  };
};

export const terminalLike = ({ columns, redraws, colour, timeZone }: TerminalKind): Terminal => ({
  width: columns ?? Number.POSITIVE_INFINITY,
  redraws,
  ...(timeZone === undefined ? {} : { timeZone }),
  paint: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
});

export const terminalOf = (stream: Stream, env?: NodeJS.ProcessEnv): Terminal =>
  terminalLike(terminalKind(stream, env));

/** Cuts a line to the terminal, with a mark that something is missing. */
export const cut = (text: string, width: number): string =>
  columnsOf(text) <= width ? text : `${beginning(text, width - 1)}…`;

/** The same for names, which differ at their ends as often as at their beginnings. */
export const cutName = (text: string, width: number): string => {
  if (columnsOf(text) <= width) return text;
  const end = Math.max(0, Math.floor((width - 1) / 2));
  return `${beginning(text, width - 1 - end)}…${ending(text, end)}`;
};

/**
 * Breaks a line between words where it is wider than the terminal; what follows is indented a little more. A command is never
 * broken, since people copy it: one that does not fit is left to the terminal.
 */
export const wrap = (text: string, width: number, hang = 2): readonly string[] => {
  if (columnsOf(text) <= width) return [text];
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line = '';
  for (const part of unbroken(text.slice(indent.length))) {
    const start = lines.length === 0 ? indent : indent + ' '.repeat(hang);
    const longer = line === '' ? start + part : `${line} ${part}`;
    if (line === '' || columnsOf(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = indent + ' '.repeat(hang) + part;
    }
  }
  return [...lines, line];
};

/** Prose as lines of a terminal; what fits, such as the rows of a table, stays as it is. */
export const folded = (lines: readonly string[], width: number, hang = 2): readonly string[] =>
  lines.flatMap((line) => line.split('\n')).flatMap((line) => wrap(line, width, hang));

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
