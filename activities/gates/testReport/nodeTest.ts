import { count, type Reader } from './outputText.ts';
import { reportOf } from './testReport.ts';

const figure = /^ℹ (?<name>tests|fail|cancelled|skipped) (?<count>\d+)$/;
const place = /^test at (?<file>\S.*):\d+:\d+$/;
const cross = /^✖ (?<name>.*)$/;
const time = / \([\d.]+m?s\)$/;

/**
 * `node --test` with its reporter `spec`: the list at the end, where each failing test stands below its place, without the tests
 * around it. Counted are also those that fail by what is inside them.
 */
export const readNodeTest: Reader = ({ lines, cut }) => {
  const sums = { tests: 0, fail: 0, cancelled: 0, skipped: 0 };
  const names = new Set<string>();
  let known = false;
  let listed = false;
  let file: string | undefined;
  for (const line of lines) {
    const sum = figure.exec(line)?.groups;
    if (sum !== undefined) {
      if (sum.name === 'tests') [known, listed] = [true, false];
      sums[sum.name as keyof typeof sums] += count(sum.count);
    }
    if (line === '✖ failing tests:') listed = known;
    const whole = cross.exec(line)?.groups?.name;
    // Before Node 22 also what may fail stands there.
    const name =
      whole === undefined || / # (?:TODO|SKIP)\b/.test(whole) ? undefined : whole.replace(time, '');
    if (listed && file !== undefined && name !== undefined)
      names.add(name === file ? name : `${file} > ${name}`);
    file = place.exec(line)?.groups?.file;
  }
  if (!known) return;
  const mostFailed = sums.fail + sums.cancelled;
  const partial = cut || (mostFailed > 0 && names.size === 0);
  return reportOf({ ran: Math.max(0, sums.tests - sums.skipped), names, mostFailed, partial });
};
