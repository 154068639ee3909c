import type { BeadLine, ConvoyStatus } from '../../workflows/domain/report/report.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { amount, counted, duration, short } from './amounts.ts';
import { stateWord, tally, tallyText } from './board.ts';
import { stateMark, stateStyle } from './states.ts';
import type { Terminal } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

/** What changed in a convoy between two looks, a line a change: for pipes and for logs. */
export const progressLines = (
  before: ConvoyStatus | undefined,
  now: ConvoyStatus,
  terminal: Terminal,
): readonly string[] => {
  const old = new Map(linesOf(before).map(({ key, bead }) => [key, bead]));
  const changed = linesOf(now).filter(({ key, bead }) => tells(old.get(key), bead));
  return [
    ...(known(before) === 0 && known(now) > 0
      ? [`convoy ${now.convoy}: ${counted(known(now), 'bead')} (${known(now) === 1 ? 'task' : 'tasks'})`]
      : []),
    ...changed.flatMap(({ key, bead }) => beadNews(key, bead, now, terminal)),
    ...(before?.state !== now.state && (before !== undefined || isOver(now))
      ? [`convoy ${now.convoy}: ${stateWord(now)}${isOver(now) ? verdict(now) : ''}`]
      : []),
    ...(now.failure !== undefined && before?.failure === undefined
      ? troubleLines(now.failure, terminal, '    ')
      : []),
  ];
};

const isOver = ({ state }: ConvoyStatus): boolean => ['done', 'failed', 'cancelled'].includes(state);

/** What whoever reads only the last line wants to know. */
const verdict = (now: ConvoyStatus): string => (known(now) === 0 ? '' : `, ${tallyText(tally(now))}`);

const known = (status: ConvoyStatus | undefined): number => (status === undefined ? 0 : tally(status).beads);

const linesOf = (status: ConvoyStatus | undefined): readonly { key: string; bead: BeadLine }[] =>
  (status?.epics ?? []).flatMap((epic) =>
    epic.beads.map((bead) => ({ key: `${epic.epic}/${bead.bead}`, bead })),
  );

/** A bead that was pending when we first looked is no news. */
const tells = (before: BeadLine | undefined, now: BeadLine): boolean =>
  before === undefined ? now.state !== 'pending' : before.state !== now.state;

const beadNews = (key: string, bead: BeadLine, now: ConvoyStatus, terminal: Terminal): readonly string[] => [
  terminal.paint(
    stateStyle(bead.state),
    `${stateMark(bead.state)} ${key} ${bead.state}${detailOf(bead, now)}`,
  ),
  ...(bead.failure === undefined ? [] : troubleLines(bead.failure, terminal, '    ')),
];

const detailOf = (bead: BeadLine, now: ConvoyStatus): string => {
  if (bead.state === 'landed') return landedText(bead, now);
  const who = [bead.polecat, bead.model].filter((part) => part !== '').join(' with ');
  return who === '' ? '' : ` (${who})`;
};

const landedText = (bead: BeadLine, now: ConvoyStatus): string => {
  const { beads, landed } = tally(now);
  const what = bead.commit === undefined ? 'nothing to change' : short(bead.commit);
  const cost = `${counted(bead.turns, 'turn')}, ${amount(bead.tokens)} tokens, ${duration(bead.ms)}`;
  return ` ${what}: ${oneLine(bead.title)} (${bead.polecat}, ${cost}; ${landed} of ${beads})`;
};
