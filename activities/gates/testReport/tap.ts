import { count, type Reader } from './outputText.ts';
import { createTapTree } from './tapTree.ts';
import { reportOf } from './testReport.ts';

const result = /^(?<indent> *)(?<not>not )?ok\b(?: +\d+)?(?: +-)?(?: +(?<text>.*))?$/;

/** TAP of any producer, nested as `node --test` writes it (children first) or as vitest does (in braces). */
export const readTap: Reader = ({ lines, cut }) => {
  const tree = createTapTree();
  let [version, bailed, planned, plans] = [false, false, 0, 0];
  // Diagnostics in YAML quote whatever the test printed.
  let yaml: string | undefined;
  let afterResult = false;
  for (const line of lines) {
    if (yaml !== undefined) {
      if (line.trimEnd() === `${yaml}...`) yaml = undefined;
      continue;
    }
    if (afterResult) yaml = /^( +)---\s*$/.exec(line)?.[1];
    afterResult = false;
    if (/^TAP version 1[34]$/.test(line)) version = true;
    if (/^Bail out!/.test(line)) bailed = true;
    const plan = /^1\.\.(\d+)\b/.exec(line)?.[1];
    if (plan !== undefined) [planned, plans] = [planned + count(plan), plans + 1];
    if (/^ *\}$/.test(line)) tree.close(line.length - 1);
    const of = result.exec(line)?.groups;
    if (of === undefined) continue;
    afterResult = true;
    const { text, opens, directive } = described(of.text ?? '');
    const one = { depth: of.indent?.length ?? 0, name: text, failed: of.not !== undefined && !directive };
    tree.add({ ...one, skipped: directive === 'skip', opens });
  }
  const { seen, ran, names, lost } = tree.end();
  if (!version && (plans === 0 || seen === 0)) return;
  const partial = cut || bailed || lost || plans === 0 || seen < planned || yaml !== undefined;
  return reportOf({ ran, names, partial });
};

interface Described {
  readonly text: string;
  readonly opens: boolean;
  readonly directive: 'skip' | 'todo' | undefined;
}

const described = (whole: string): Described => {
  const opens = whole.endsWith(' {');
  const line = opens ? whole.slice(0, -2) : whole;
  const mark = /(?<!\\)#\s*(?<word>skip|todo)/i.exec(line);
  const word = mark?.groups?.word?.toLowerCase();
  const text = line
    .slice(0, mark?.index)
    .replace(/ # time=[\d.]+m?s ?$/, '')
    .replaceAll(/\\([#\\])/g, '$1')
    .trim();
  return { text, opens, directive: word === 'skip' || word === 'todo' ? word : undefined };
};
