import type { ExitCode } from './exitCodes.ts';
import { folded, type Terminal, terminalOf } from './render/terminal.ts';
import { troubleLines } from './render/troubleLines.ts';
import type { Told } from './trouble.ts';

/** What a command has to say: data for programs, lines for people. */
export interface Answer {
  readonly data: unknown;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly lines: (terminal: Terminal) => readonly string[];
  readonly code?: ExitCode;
  /** The lines are a diff, a file or code, or are laid out already: never folded. */
  readonly asIs?: boolean;
}

/** Prints an answer on stdout: as `{"data":…,"meta":{…}}` on one line, or as lines. */
export const printAnswer = (answer: Answer, json: boolean): void => {
  if (json) printJson({ data: answer.data ?? null, meta: { ...answer.meta, exitCode: answer.code ?? 0 } });
  else printLines(laidOut(answer, terminalOf(process.stdout)));
};

/** The lines of an answer, folded between words where they are prose wider than the terminal. */
export const laidOut = ({ lines, asIs }: Answer, terminal: Terminal): readonly string[] =>
  asIs === true ? lines(terminal) : folded(lines(terminal), terminal.width);

/** Prints an error in its three parts on stderr; with --json, as `error` on stdout as well. */
export const printTrouble = (told: Told, json: boolean): void => {
  if (json) printJsonTrouble(told);
  const lines = troubleLines(told.trouble, terminalOf(process.stderr));
  process.stderr.write(`${lines.join('\n')}\n`);
};

export const printJsonTrouble = ({ trouble, code }: Told): void =>
  printJson({ data: null, error: trouble, meta: { exitCode: code } });

/** A word to the person on stderr, beside the answer; folded on a terminal. */
export const printAside = (...lines: readonly string[]): void => {
  process.stderr.write(`${folded(lines, terminalOf(process.stderr).width).join('\n')}\n`);
};

export const printLines = (lines: readonly string[]): void => {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
};

const printJson = (value: unknown): void => printLines([jsonLine(value)]);

/** JSON on one line in which what could drive or confuse a terminal is escaped too: C1 controls, marks that reorder (G9). */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu, (found) =>
    [...Array(found.length).keys()].map((at) => escaped(found.charCodeAt(at))).join(''),
  );

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;
