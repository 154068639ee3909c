import type { Block, Fault } from './edit.ts';
import { labelPath } from './label.ts';

const searchPattern = /^\s{0,3}<{3,}\s*(?:SEARCH|ORIGINAL)\b:?>?(.*)$/i;
const dividerPattern = /^\s{0,3}(={3,})\s*$/;
const replacePattern = /^\s{0,3}(?:>{3,}\s*(?:REPLACE|UPDATED)\b.*|>{5,}\s*)$/i;

/** Whether a line opens a SEARCH/REPLACE block. */
export const opensBlock = (line: string | undefined): boolean =>
  line !== undefined && searchPattern.test(line);

/** A path on the opening line itself: `<<<<<<< SEARCH src/a.ts`. */
export const blockPath = (line: string): string | undefined => labelPath(searchPattern.exec(line)?.[1] ?? '');

export type ReadBlock =
  | { readonly block: Block; readonly next: number }
  | { readonly block: undefined; readonly fault: Fault; readonly next: number };

/** Reads the block whose opening line is at `open`. `first` is the reply's number of line 0. */
export const readBlock = (lines: readonly string[], open: number, first: number): ReadBlock => {
  const opening = lines[open] ?? '';
  const broken = (what: string, at: number, next: number): ReadBlock => ({
    block: undefined,
    fault: { kind: 'malformed', what, line: first + at, text: lines[at] ?? '' },
    next,
  });
  let end = open + 1;
  while (end < lines.length && !replacePattern.test(lines[end] ?? '') && !opensBlock(lines[end])) end++;
  if (!replacePattern.test(lines[end] ?? ''))
    return broken('This SEARCH block has no closing line `>>>>>>> REPLACE`.', open, Math.max(open + 1, end));

  const dividers = [];
  for (let at = open + 1; at < end; at++) if (dividerPattern.test(lines[at] ?? '')) dividers.push(at);
  // Text may hold a line of equals signs (headings do): the divider is then the one as long as the opening marker.
  const length = /<+/.exec(opening)?.[0].length;
  const fitting =
    dividers.length > 1
      ? dividers.filter((at) => dividerPattern.exec(lines[at] ?? '')?.[1]?.length === length)
      : dividers;
  const [divider, second] = fitting;
  if (divider === undefined)
    return broken('This SEARCH block has no line `=======` between the old and the new text.', open, end + 1);
  if (second !== undefined)
    return broken(
      'This SEARCH block has several lines that could be the divider. Use 9 signs in all three markers when the text itself has such a line.',
      second,
      end + 1,
    );
  const text = (from: number, to: number): string =>
    lines
      .slice(from, to)
      .map((line) => `${line}\n`)
      .join('');
  return {
    block: { search: text(open + 1, divider), replace: text(divider + 1, end), line: first + open },
    next: end + 1,
  };
};
