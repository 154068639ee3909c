import type { Finding, Level } from '../../workflows/domain/finding.ts';
import { plain, plainLines } from '../../workflows/domain/text.ts';
import { counted } from './amounts.ts';
import { columnsOf, padded } from './columns.ts';
import { withLocalTimes } from './localTime.ts';
import { fieldLines } from './probeFields.ts';
import { cut, type Terminal, wrap } from './terminal.ts';

/** One finding: a line when all is well, and with evidence and the way out where it is not, unless that was said just before. */
export const findingLines = (
  { check, level, what, evidence, fix, fixable, fields = [] }: Finding,
  terminal: Terminal,
  nameWidth = leastName,
  { saysNext = true } = {},
): readonly string[] => {
  const text = `${padded(plain(check), nameWidth)} ${withLocalTimes(plain(what), terminal)}`;
  if (level === 'ok') {
    const where = evidence === '' ? '' : ` (${plain(evidence.trim().replaceAll('\n', '; '))})`;
    const lines = wrapped(
      `${text}${withLocalTimes(where, terminal)}`,
      Math.max(20, terminal.width - indent.length),
    );
    return [
      ...lines.map((line, at) =>
        at === 0 ? paint(terminal, level, `${marks.ok} ${line}`) : `${indent}${line}`,
      ),
      ...fieldLines(fields, terminal),
    ];
  }
  const room = Math.max(20, Math.min(terminal.width, 100) - indent.length);
  return [
    ...wrapped(text, room).map((line, at) =>
      paint(terminal, level, at === 0 ? `${marks[level]} ${line}` : `${indent}${line}`),
    ),
    ...withLocalTimes(plainLines(evidence), terminal)
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => wrapped(line, room))
      .map((line) => terminal.paint('dim', cut(`${indent}${line}`, terminal.width))),
    // Never cut, and commands never broken: they are there to be copied.
    ...(saysNext
      ? wrap(
          `${indent}Next: ${withLocalTimes(plain(fix), terminal)}${fixable ? '  (gt doctor --fix does it)' : ''}`,
          terminal.width,
        )
      : []),
  ];
};

/** Columns for what is looked at, so that what is said of it stands in one line below the other. */
export const nameWidthOf = (checks: readonly string[]): number =>
  Math.min(mostName, Math.max(leastName, ...checks.map((check) => columnsOf(plain(check)))));

const leastName = 14;
/** `model ` and the longest name that a configuration takes. */
const mostName = 46;

/** `41 looked at: 2 do not work, 1 could be better.` */
export const findingsSummary = (findings: readonly Finding[], terminal: Terminal): string => {
  const count = (level: Level): number => findings.filter((one) => one.level === level).length;
  const parts = [
    ...(count('fail') === 0 ? [] : [`${count('fail')} ${count('fail') === 1 ? 'does' : 'do'} not work`]),
    ...(count('warn') === 0 ? [] : [`${count('warn')} could be better`]),
  ];
  const fixable = findings.some((one) => one.fixable) ? ' `gt doctor --fix` mends what is safe to mend.' : '';
  const text = `${counted(findings.length, 'finding')}: ${parts.length === 0 ? 'all is well' : parts.join(', ')}.${fixable}`;
  return terminal.paint('bold', text);
};

const marks: Readonly<Record<Level, string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };
const indent = '     ';

const paint = (terminal: Terminal, level: Level, line: string): string => {
  if (level === 'ok') return line.replace(marks.ok, terminal.paint('green', marks.ok));
  return terminal.paint(level === 'warn' ? 'yellow' : 'red', line);
};

/** Words on lines of at most `width` characters. */
const wrapped = (text: string, width: number): readonly string[] => {
  const lines = [''];
  for (const word of text.split(/(?<= )(?=\S)/)) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && columnsOf((last + word).trimEnd()) > width) lines.push(word);
    else lines[lines.length - 1] = last + word;
  }
  return lines.map((line) => line.trimEnd());
};
