import type { Finding, Level } from '../../workflows/domain/finding.ts';
import { plain, plainLines } from '../../workflows/domain/text.ts';
import { counted } from './amounts.ts';
import { columnsOf, padded } from './columns.ts';
import { cut, type Terminal } from './terminal.ts';

/** One finding: a line when all is well, and with evidence and the way out where it is not. */
export const findingLines = (
  { check, level, what, evidence, fix, fixable }: Finding,
  terminal: Terminal,
  nameWidth = leastName,
): readonly string[] => {
  const text = `${padded(plain(check), nameWidth)} ${plain(what)}`;
  const head = `${marks[level]} ${text}`;
  if (level === 'ok') {
    const where = evidence === '' ? '' : ` (${plain(evidence.trim().replaceAll('\n', '; '))})`;
    return [paint(terminal, level, cut(`${head}${where}`, terminal.width))];
  }
  const room = Math.max(20, Math.min(terminal.width, 100) - indent.length);
  return [
    ...wrapped(text, room).map((line, at) =>
      paint(terminal, level, at === 0 ? `${marks[level]} ${line}` : `${indent}${line}`),
    ),
    ...plainLines(evidence)
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => wrapped(line, room))
      .map((line) => terminal.paint('dim', cut(`${indent}${line}`, terminal.width))),
    // Never cut or broken: it is there to be copied.
    `${indent}Next: ${plain(fix)}${fixable ? '  (gt doctor --fix does it)' : ''}`,
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
