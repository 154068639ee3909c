import { plainLines } from '../../../workflows/domain/text.ts';
import type { TestReport } from './testReport.ts';

/** Output of a gate as readers of tests take it: harmless, and of bounded size. */
export interface OutputText {
  readonly lines: readonly string[];
  /** What came before these lines is not here. */
  readonly cut: boolean;
}

const most = { characters: 16_000_000, lines: 200_000, line: 1_000 } as const;

/** The last lines of an output: what a runner sums up stands at its end. `dir` is another one in each slot, so it goes. */
export const outputText = (output: string, dir: string): OutputText => {
  const text = output.slice(-most.characters);
  const lines: string[] = [];
  let end = text.length;
  while (end >= 0 && lines.length < most.lines) {
    const start = end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1;
    lines.push(lineOf(text, start, end, dir));
    end = start - 1;
  }
  return { lines: lines.reverse(), cut: end >= 0 || text.length < output.length };
};

const lineOf = (text: string, start: number, end: number, dir: string): string => {
  const line = text.slice(start, Math.min(end, start + most.line)).replace(/\r$/, '');
  // Progress bars write one line again and again: only what stays on it counts.
  const written = line.slice(line.lastIndexOf('\r') + 1);
  // Nearly all are so, and looking costs a tenth of cleaning.
  const last = /^[\x20-\x7e]*$/.test(written) ? written : plainLines(written);
  return last.includes(dir) ? last.replaceAll(`${dir}/`, '') : last;
};

/** How a runner's output is read: undefined when it is not this runner's. */
export type Reader = (text: OutputText) => TestReport | undefined;

/** A number that a pattern has found. */
export const count = (digits: string | undefined): number => Number(/^\d{1,9}/.exec(digits ?? '')?.[0] ?? 0);
