import type { Severity } from '../../workflows/domain/mail/severity.ts';
import type { Problem } from '../../workflows/domain/report/problems.ts';
import { oneLine, plain, plainLines } from '../../workflows/domain/text.ts';
import { counted } from './amounts.ts';
import { ageText } from './inbox.ts';
import { withLocalTimes } from './localTime.ts';
import { toReader } from './overseer.ts';
import { cut, cutName, type Terminal, wrap } from './terminal.ts';

/** Names of things that share one problem; the board has them all. */
const mostNamed = 3;

/** What needs a person, each in a few lines: what it is, the evidence in one, and the command to type. */
export const problemLines = (
  problems: readonly Problem[],
  terminal: Terminal,
  now = Date.now(),
): readonly string[] => {
  if (problems.length === 0) return ['Nothing needs you.'];
  return [
    ...problems.flatMap((one) => [...linesOf(one, terminal, now), '']),
    `${counted(problems.length, 'problem')}, the most pressing first.`,
  ];
};

const linesOf = (one: Problem, terminal: Terminal, now: number): readonly string[] => {
  const { severity, kind, what, evidence, next, command } = one;
  const [before, after] = [`${severity.padEnd(8)}  ${kindWords[kind]}  `, ageOf(one, now)];
  const head = `${before}${cutName(namesOf(one), Math.max(12, terminal.width - before.length - after.length))}${after}`;
  const proof = lineOf(toReader(plainLines(evidence)));
  // Advice that is short says more than its command alone.
  const short = command === undefined || next.length <= 100;
  const hint = `Next: ${short ? plain(next) : oneLine(command, 1_000)}`;
  return [
    terminal.paint(styles[severity], cut(head, terminal.width)),
    ...wrap(`  ${toReader(withLocalTimes(oneLine(what, 300), terminal))}`, terminal.width),
    ...(proof === '' ? [] : [terminal.paint('dim', cut(`  ${proof}`, terminal.width))]),
    ...wrap(`  ${withLocalTimes(hint, terminal)}`, terminal.width),
  ];
};

const namesOf = ({ about }: Problem): string => {
  const more = about.length - mostNamed;
  const named = about.slice(0, mostNamed).map((name) => oneLine(name, 124));
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const ageOf = ({ since, acknowledged }: Problem, now: number): string =>
  `${since === undefined ? '' : `  for ${ageText(now - since)}`}${acknowledged ? ', acknowledged' : ''}`;

/** The line that most likely says why: the first that names a cause, else the last. */
const lineOf = (text: string): string => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.find((line) => /error|fail|refused|denied|not found/i.test(line));
  return oneLine(telling ?? lines.at(-1) ?? '', 300);
};

const kindWords: Readonly<Record<Problem['kind'], string>> = {
  silent: 'does not answer:',
  stopped: 'has stopped:',
  overBudget: 'budget:',
  stuck: 'stuck:',
  escalated: 'letter:',
  waits: 'waits for you:',
};

const styles: Readonly<Record<Severity, 'red' | 'yellow' | 'dim'>> = {
  critical: 'red',
  warning: 'yellow',
  info: 'dim',
};
