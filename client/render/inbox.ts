import type { Letter } from '../../workflows/domain/mail/mailbox.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import { counted, duration } from './amounts.ts';
import { cut, type Terminal, wrap } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

/** Lines of evidence of one letter; `--json` has all, and the command under Next mostly leads to more. */
const mostEvidence = 6;
/** Letters that a page about other things has room for. */
const mostInBrief = 3;

/** Letters as they are given, each with what it says to do. */
export const inboxLines = (
  letters: readonly Letter[],
  terminal: Terminal,
  now = Date.now(),
): readonly string[] =>
  letters.length === 0
    ? ['No letters.']
    : [
        ...letters.flatMap((letter) => [
          terminal.paint('bold', headOf(letter, terminal, now)),
          ...troubleLines(withShortEvidence(letter), terminal, '  '),
          '',
        ]),
        ...wrap(
          `${counted(letters.length, 'letter')}. To clear: gt inbox clear ID…, or gt inbox clear --all`,
          terminal.width,
        ),
      ];

/** A line each, such as for those that were cleared. */
export const letterLines = (
  letters: readonly Letter[],
  terminal: Terminal,
  now = Date.now(),
): readonly string[] => letters.map((letter) => `  ${headOf(letter, terminal, now)}`);

/** The newest on a page about the whole town, given oldest first. */
export const inboxBrief = (
  letters: readonly Letter[],
  terminal: Terminal,
  now = Date.now(),
): readonly string[] => {
  if (letters.length === 0) return [];
  const shown = letters.slice(-mostInBrief).toReversed();
  const more = letters.length - shown.length;
  return [
    ...shown.flatMap((letter) => [
      headOf(letter, terminal, now),
      ...troubleLines({ ...letter.failure, evidence: '' }, terminal, '  '),
    ]),
    `${more === 0 ? 'With evidence' : `${more} more, all with evidence`}: gt inbox`,
  ];
};

const headOf = (
  { id, about, at, to, severity, acknowledged }: Letter,
  { width }: Terminal,
  now: number,
): string =>
  cut(
    [
      String(id),
      oneLine(about, 200),
      ...(to === undefined ? [] : [`to ${to}`]),
      ...(severity === undefined ? [] : [severity]),
      ...(acknowledged === undefined ? [] : ['acknowledged']),
      `${ageText(now - at)} ago`,
    ].join('  '),
    width,
  );

/** `12 s`, `3 h`, `5 days`. */
export const ageText = (ms: number): string => {
  const days = Math.floor(ms / 86_400_000);
  return days < 2 ? duration(ms) : `${days} days`;
};

const withShortEvidence = ({ failure }: Letter): Letter['failure'] => {
  const lines = plainLines(failure.evidence).trimEnd().split('\n');
  const evidence = lines.slice(0, mostEvidence);
  return {
    ...failure,
    evidence: [...evidence, ...(lines.length > evidence.length ? ['…'] : [])].join('\n'),
  };
};
