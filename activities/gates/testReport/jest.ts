import { count, type Reader } from './outputText.ts';
import { reportOf } from './testReport.ts';

const file = /^FAIL (?:\S.* )?(?<file>\S+\.[cm]?[jt]sx?)(?: \([\d.]+ ?m?s\))?$/;
const bullet = /^ {2}● (?<name>\S.*)$/;
const suites = /^Test Suites: (?<parts>.*\d+ total)$/;
const tests = /^Tests: +(?<parts>.*\d+ total)$/;

/** jest: a bullet for each failing test below its file, and the summary at the end. */
export const readJest: Reader = ({ lines, cut }) => {
  const names = new Set<string>();
  const unloaded = new Set<string>();
  let [known, cutShort] = [false, cut];
  let [ran, failed] = [0, 0];
  let suite: string | undefined;
  for (const line of lines) {
    if (/^(?:PASS|RUNS) /.test(line)) suite = undefined;
    suite = file.exec(line)?.groups?.file ?? suite;
    const name = bullet.exec(line)?.groups?.name;
    if (suite !== undefined && name === 'Test suite failed to run') unloaded.add(suite);
    else if (suite !== undefined && name !== undefined && name !== 'Console') names.add(`${suite} > ${name}`);
    // `--bail`: not all suites were run.
    if (/^\d.*, \d+ of \d+ total$/.test(suites.exec(line)?.groups?.parts ?? '')) cutShort = true;
    const parts = tests.exec(line)?.groups?.parts;
    if (parts === undefined) continue;
    known = true;
    failed += sumOf(parts, 'failed');
    ran += sumOf(parts, 'failed') + sumOf(parts, 'passed');
  }
  if (!known) return;
  const all = [...names, ...unloaded];
  return reportOf({ ran, names: all, failed: failed + unloaded.size, partial: cutShort });
};

const sumOf = (parts: string, word: string): number => {
  const part = parts.split(', ').find((one) => one.endsWith(` ${word}`));
  return count(/^\d+/.exec(part ?? '')?.[0]);
};
