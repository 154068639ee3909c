import type { Block } from './edit.ts';
import { nearestLines } from './nearestLines.ts';

export type Matched =
  | { readonly text: string }
  | { readonly text: undefined; readonly what: string; readonly near: string | undefined };

/**
 * Puts one SEARCH/REPLACE block into a text (LF). The old text must be found exactly once; where it is not found as
 * written, differences in trailing blanks, blank lines around it and a uniform indent are forgiven, in this order.
 */
export const applyBlock = (before: string, block: Block): Matched => {
  const file = linesOf(before);
  const search = linesOf(block.search);
  const replace = linesOf(block.replace);
  if (search.every((line) => line.trim() === '')) {
    if (file.every((line) => line.trim() === '')) return { text: block.replace };
    return {
      text: undefined,
      what: 'The SEARCH text is empty, but the file is not: put the lines to be replaced there.',
      near: undefined,
    };
  }
  for (const attempt of attempts(search, replace)) {
    const found = places(file, attempt.search, attempt.same);
    const [at, another] = found;
    if (at === undefined) continue;
    if (another !== undefined)
      return {
        text: undefined,
        what: `The SEARCH text occurs ${found.length} times in the file, at lines ${listed(found)}. Add lines around it until it is unique.`,
        near: undefined,
      };
    const fitted = attempt.fit(file.slice(at, at + attempt.search.length));
    if (fitted === undefined) continue;
    return { text: spliced(before, file, at, attempt.search.length, fitted) };
  }
  return {
    text: undefined,
    what: 'The SEARCH text is not in the file. It must repeat lines of the file exactly.',
    near: nearestLines(file, search),
  };
};

/** Lines of a text; a final newline adds no empty line. */
export const linesOf = (text: string): string[] => {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

interface Attempt {
  readonly search: readonly string[];
  readonly same: (fileLine: string, searchLine: string) => boolean;
  /** The new lines as they fit the place that was found; undefined when they do not. */
  readonly fit: (found: readonly string[]) => readonly string[] | undefined;
}

const attempts = (search: readonly string[], replace: readonly string[]): Attempt[] => {
  const core = trimmedBlank(search);
  const newCore = trimmedBlank(replace, core.leading, core.trailing).lines;
  const trimEnd = (a: string, b: string): boolean => a.trimEnd() === b.trimEnd();
  return [
    { search, same: (a, b) => a === b, fit: () => replace },
    { search, same: trimEnd, fit: () => replace },
    { search: core.lines, same: trimEnd, fit: () => newCore },
    {
      search: core.lines,
      same: (a, b) => a.trim() === b.trim(),
      fit: (found) => reindented(found, core.lines, newCore),
    },
  ];
};

/** Comparisons after which the search is given up: a repetitive file must not stop the worker's event loop. */
const mostComparisons = 10_000_000;

const places = (file: readonly string[], search: readonly string[], same: Attempt['same']): number[] => {
  const found = [];
  let comparisons = 0;
  for (let at = 0; at + search.length <= file.length; at++) {
    let length = 0;
    while (length < search.length && same(file[at + length] ?? '', search[length] ?? '')) length++;
    if (length === search.length) found.push(at);
    comparisons += length + 1;
    if (comparisons > mostComparisons) return [];
  }
  return found;
};

/** Without blank lines at both ends, at most as many as given. */
const trimmedBlank = (
  lines: readonly string[],
  most = lines.length,
  mostAfter = lines.length,
): { lines: readonly string[]; leading: number; trailing: number } => {
  let leading = 0;
  while (leading < most && lines[leading]?.trim() === '') leading++;
  let trailing = 0;
  while (
    trailing < mostAfter &&
    lines.length - trailing > leading &&
    lines[lines.length - 1 - trailing]?.trim() === ''
  )
    trailing++;
  return { lines: lines.slice(leading, lines.length - trailing), leading, trailing };
};

/** New lines with the indent that the file has more, or less, than the SEARCH text; undefined when it is not uniform. */
const reindented = (
  found: readonly string[],
  search: readonly string[],
  replace: readonly string[],
): readonly string[] | undefined => {
  const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? '';
  let shift: { add: string; drop: string } | undefined;
  for (const [index, line] of search.entries()) {
    if (line.trim() === '') continue;
    const here = indentOf(found[index] ?? '');
    const there = indentOf(line);
    const next = here.endsWith(there)
      ? { add: here.slice(0, here.length - there.length), drop: '' }
      : there.endsWith(here)
        ? { add: '', drop: there.slice(0, there.length - here.length) }
        : undefined;
    if (next === undefined || (shift && (shift.add !== next.add || shift.drop !== next.drop))) return;
    shift = next;
  }
  const { add, drop } = shift ?? { add: '', drop: '' };
  return replace.map((line) => {
    if (line.trim() === '') return line;
    return add + (line.startsWith(drop) ? line.slice(drop.length) : line.trimStart());
  });
};

const spliced = (
  before: string,
  file: readonly string[],
  at: number,
  count: number,
  replace: readonly string[],
): string => {
  const lines = [...file.slice(0, at), ...replace, ...file.slice(at + count)];
  const lastKept = at + count < file.length;
  const newline = lastKept && !before.endsWith('\n') ? '' : '\n';
  return lines.length === 0 ? '' : lines.join('\n') + newline;
};

const listed = (found: readonly number[]): string =>
  found
    .slice(0, 5)
    .map((at) => at + 1)
    .join(', ') + (found.length > 5 ? ', …' : '');
