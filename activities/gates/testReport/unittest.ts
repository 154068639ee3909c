import { count, type Reader } from './outputText.ts';
import { reportOf } from './testReport.ts';

const title = /^(?:FAIL|ERROR): (?<name>\S.*)$/;
const ran = /^Ran (?<count>\d+) tests? in \d+\.\d+s$/;
const end = /^(?:OK|FAILED|NO TESTS RAN)(?: \((?<parts>[^()]*)\))?$/;

/** Python's unittest, and who prints as it does: titles between two rules, and the sums at the end. */
export const readUnittest: Reader = ({ lines, cut }) => {
  const names = new Set<string>();
  let [known, summed, failed, tests, skipped] = [false, false, 0, 0, 0];
  let ruled = false;
  let pending: { readonly name: string; readonly at: number } | undefined;
  for (const [at, line] of lines.entries()) {
    if (pending !== undefined && /^-{70}$/.test(line)) names.add(pending.name);
    // A docstring may stand between title and rule.
    if (pending !== undefined && (at > pending.at + 2 || line.startsWith('---'))) pending = undefined;
    const name = ruled ? title.exec(line)?.groups?.name : undefined;
    if (name !== undefined) pending = { name, at };
    ruled = /^={70}$/.test(line);
    const sum = ran.exec(line)?.groups?.count;
    if (sum !== undefined) [known, summed, tests] = [true, true, tests + count(sum)];
    const of = summed ? end.exec(line)?.groups : undefined;
    if (of === undefined) continue;
    const parts = of.parts ?? '';
    failed += sumOf(parts, 'failures') + sumOf(parts, 'errors') + sumOf(parts, 'unexpected successes');
    skipped += sumOf(parts, 'skipped');
    summed = false;
  }
  return known
    ? reportOf({ ran: Math.max(0, tests - skipped), names, failed, partial: cut || summed })
    : undefined;
};

const sumOf = (parts: string, word: string): number =>
  count(
    parts
      .split(', ')
      .find((part) => part.startsWith(`${word}=`))
      ?.slice(word.length + 1),
  );
