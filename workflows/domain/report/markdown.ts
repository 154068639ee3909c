/** Parts of a page for a workflow's current details: small tables of untrusted texts. */
import type { Failure } from '../failure.ts';
import { markdownText } from '../text.ts';

/** Rows of one table; a page of Temporal's Web UI holds no more, and details are history. */
export const mostRows = 60;

/** A table of untrusted texts, cut to `mostRows` with the number of the rest. Nothing when there are no rows. */
export const markdownTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  longestCell = 80,
): string => {
  if (rows.length === 0) return '';
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rest = rows.length - mostRows;
  return [
    row(head),
    row(head.map(() => '---')),
    ...rows.slice(0, mostRows).map((cells) => row(cells.map((cell) => markdownText(cell, longestCell)))),
    ...(rest > 0 ? ['', `… and ${rest} more`] : []),
  ].join('\n');
};

export const failureMarkdown = (failure: Failure | undefined): string =>
  failure === undefined
    ? ''
    : `${markdownText(failure.what, 300)} **Next:** ${markdownText(failure.next, 300)}`;

export const page = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n\n');
