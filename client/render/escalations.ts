import type { Severity } from '../../workflows/domain/mail/severity.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { Escalation } from '../looks/escalations.ts';
import { counted } from './amounts.ts';
import { ageText } from './inbox.ts';
import { cutName, type Terminal, wrap } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

/** Letters that press, as they are given, each with the next step; their evidence is in `gt inbox`. */
export const escalationLines = (
  letters: readonly Escalation[],
  terminal: Terminal,
  now = Date.now(),
): readonly string[] => {
  if (letters.length === 0) return ['Nothing presses.'];
  const open = letters.filter(({ acknowledged }) => acknowledged === undefined).length;
  return [
    ...letters.flatMap((letter) => [
      headOf(letter, terminal, now),
      ...troubleLines({ ...letter.failure, evidence: '' }, terminal, '  '),
      '',
    ]),
    ...wrap(
      `${counted(letters.length, 'letter')}, ${open} not acknowledged. With evidence: gt inbox. To take note: gt escalations ack ID…`,
      terminal.width,
    ),
  ];
};

const headOf = (
  { id, about, at, severity, acknowledged, reminders = 0 }: Escalation,
  terminal: Terminal,
  now: number,
): string => {
  const facts = [
    `${ageText(now - at)} ago`,
    ...(reminders === 0 ? [] : [`told again ${reminders === 1 ? 'once' : `${reminders} times`}`]),
    ...(acknowledged === undefined ? [] : [`acknowledged ${ageText(now - acknowledged)} ago`]),
  ].join(', ');
  const room = terminal.width - `${id}`.length - severity.padEnd(8).length - facts.length - 6;
  const name = cutName(oneLine(about, 200), Math.max(12, room));
  return `${id}  ${terminal.paint(styles[severity], severity.padEnd(8))}  ${name}  ${facts}`;
};

const styles: Readonly<Record<Severity, 'red' | 'yellow' | 'dim'>> = {
  critical: 'red',
  warning: 'yellow',
  info: 'dim',
};
