import { count, type Reader } from './outputText.ts';
import { reportOf } from './testReport.ts';

const word = '(?:failed|passed|errors?|skipped|deselected|xfailed|xpassed|warnings?|reruns?|subtests [a-z]+)';
const sum = new RegExp(
  `^(?:=+ )?(?<parts>no tests ran|\\d+ ${word}(?:, \\d+ ${word})*) in \\d+\\.\\d+s(?: \\([\\d:]+\\))?(?: =+)?$`,
);
const listing = /^=+ short test summary info =+$/;
const stopped = /^!+ (?:Interrupted|stopping after|KeyboardInterrupt|xdist\.)/;

/** pytest: its short summary of failures and errors, and the line of sums below it. */
export const readPytest: Reader = ({ lines, cut }) => {
  const names = new Set<string>();
  let [known, listed, cutShort] = [false, false, cut];
  let [ran, failed] = [0, 0];
  let pending: string[] = [];
  for (const line of lines) {
    if (listing.test(line)) [listed, pending] = [true, []];
    const [, text] = (listed && /^(?:FAILED|ERROR) (\S.*)$/.exec(line)) || [];
    if (text !== undefined) pending.push(nodeOf(text));
    if (stopped.test(line)) cutShort = true;
    const parts = sum.exec(line)?.groups?.parts;
    if (parts === undefined) continue;
    known = true;
    for (const name of pending) names.add(name);
    failed += sumOf(parts, 'failed', 'error', 'errors');
    ran += sumOf(parts, 'failed', 'passed', 'xfailed', 'xpassed');
    [listed, pending] = [false, []];
  }
  return known ? reportOf({ ran, names, failed, partial: cutShort }) : undefined;
};

/** The id before ` - reason`; parameters in brackets may hold such a dash themselves. */
const nodeOf = (text: string): string => {
  const dash = text.indexOf(' - ');
  const bracket = text.indexOf('[');
  if (bracket < 0 || (dash >= 0 && dash < bracket)) return dash < 0 ? text : text.slice(0, dash);
  if (text.endsWith(']') && !text.includes('] - ')) return text;
  const end = text.indexOf('] - ', bracket);
  if (end >= 0) return text.slice(0, end + 1);
  return dash < 0 ? text : text.slice(0, dash);
};

const sumOf = (parts: string, ...words: string[]): number =>
  parts
    .split(', ')
    .map((part) => /^(\d+) (.+)$/.exec(part))
    .reduce((all, match) => all + (words.includes(match?.[2] ?? '') ? count(match?.[1]) : 0), 0);
