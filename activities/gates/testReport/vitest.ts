import { count, type Reader } from './outputText.ts';
import { reportOf } from './testReport.ts';

const section = /^⎯+ (?<what>\S[^⎯]*?) ⎯+$/;
const failure = /^ (?:❯ )?FAIL {2}(?:\|[^|]*\| {1,2})?(?<name>\S.*)$/;
const sum = /^ +Tests {2}(?<parts>\S.*)$/;
const files = /^ Test Files {2}\S/;

/** vitest: its sections of failed suites and failed tests, and the summary below them. */
export const readVitest: Reader = ({ lines, cut }) => {
  const names = new Set<string>();
  let [known, begun, listed, cutShort] = [false, false, false, cut];
  let [ran, failed] = [0, 0];
  let before = '';
  for (const line of lines) {
    if (/^ ?RUN {2}v\d/.test(line)) begun = true;
    if (begun && line.startsWith('No test files found')) known = true;
    const what = section.exec(line)?.groups?.what;
    if (what !== undefined) listed = /^Failed (?:Tests|Suites) \d/.test(what);
    // A file that could not be loaded is a failed suite, and no failed test.
    if (listed) failed += count(/^Failed Suites (\d+)$/.exec(what ?? '')?.[1]);
    const name = listed ? failure.exec(line)?.groups?.name : undefined;
    if (name !== undefined) names.add(named(name));
    const parts = files.test(before) ? sum.exec(line)?.groups?.parts : undefined;
    if (parts !== undefined) {
      const sums = sumsOf(parts);
      [known, listed] = [true, false];
      ran += sums.ran;
      failed += sums.failed;
      cutShort ||= sums.cutShort;
    }
    // What nothing caught belongs to no test.
    if (known && /^ +Errors {2}\d+ error/.test(line)) cutShort = true;
    before = line;
  }
  return known ? reportOf({ ran, names, failed, partial: cutShort }) : undefined;
};

/** `file [ file ]` is a file that could not be loaded. */
const named = (text: string): string => text.replace(/ \d+ms$/, '').replace(/ \[ [^\]]* \]$/, '');

const sumsOf = (text: string): { ran: number; failed: number; cutShort: boolean } => {
  const [, parts = '', total] = /^(.*?)(?: \((\d+)\))?$/.exec(text) ?? [];
  const sums = new Map<string, number>();
  for (const part of parts.split(' | ')) {
    const [, digits, word = ''] = /^(\d+) (.+)$/.exec(part) ?? [];
    sums.set(word, count(digits));
  }
  const of = (...words: string[]): number => words.reduce((all, word) => all + (sums.get(word) ?? 0), 0);
  const ran = of('failed', 'passed', 'expected fail');
  // `--bail`: what was left out stands in the total alone.
  return { ran, failed: of('failed'), cutShort: ran + of('skipped', 'todo') < count(total) };
};
