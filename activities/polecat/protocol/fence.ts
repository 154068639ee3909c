import { labelPath } from './label.ts';

/** The opening line of a fenced block: three or more backticks or tildes. */
export interface Fence {
  readonly indent: number;
  readonly mark: string;
  readonly length: number;
  readonly info: string;
}

export const openingFence = (line: string): Fence | undefined => {
  const [, space, marks, info] = /^([ \t]*)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
  if (space === undefined || marks === undefined || info === undefined) return;
  if (marks.startsWith('`') && info.includes('`')) return;
  return { indent: space.length, mark: marks.charAt(0), length: marks.length, info: info.trim() };
};

/**
 * Index of the line that closes a fence whose opening line is at `open`; undefined when nothing does. Fences inside
 * that are shorter or of the other kind are text. Inner ones of the same length count when they carry a language, since
 * weak models put a README with its code blocks into three backticks and all of them balance.
 */
export const closingLine = (lines: readonly string[], open: number, fence: Fence): number | undefined => {
  const stack = [fence];
  for (let at = open + 1; at < lines.length; at++) {
    const found = openingFence(lines[at] ?? '');
    if (!found || found.mark !== fence.mark || found.length < fence.length) continue;
    const top = stack.at(-1) ?? fence;
    if (found.info !== '') stack.push(found);
    else if (found.length >= top.length && found.indent <= top.indent) stack.pop();
    if (stack.length === 0) return at;
  }
  return;
};

/** Lines between two indices without the indent of the fence that holds them. */
export const unindented = (lines: readonly string[], from: number, to: number, indent: number): string[] =>
  lines.slice(from, to).map((line) => line.replace(new RegExp(`^[ \\t]{0,${indent}}`), ''));

/** Whether fenced blocks are part of what such files usually say. */
export const holdsFences = (path: string): boolean => /\.(?:md|mdx|markdown|txt|rst|adoc)$/i.test(path);

/** A path followed by a fence inside a source file: the sign of a forgotten closing fence. Index of the path's line. */
export const nestedLabel = (
  lines: readonly string[],
  open: number,
  close: number | undefined,
  fence: Fence,
): number | undefined => {
  let path: number | undefined;
  for (let at = open + 1; at < (close ?? lines.length); at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    const found = openingFence(line);
    if (
      path !== undefined &&
      found &&
      found.mark === fence.mark &&
      found.length >= fence.length &&
      found.info !== ''
    )
      return path;
    path = labelPath(line) === undefined ? undefined : at;
  }
  return;
};
