import type { BeadLine, ConvoyStatus, EpicStatus } from '../../workflows/domain/report/report.ts';
import { oneLine, plain } from '../../workflows/domain/text.ts';
import { amount, counted, duration, short } from './amounts.ts';
import { nearBeadLines, nearLines, spentText } from './budget.ts';
import { withLocalTimes } from './localTime.ts';
import { toReader } from './overseer.ts';
import { proposalsNote } from './proposals.ts';
import { stateMark, stateStyle } from './states.ts';
import { type Column, fitsWell, table } from './table.ts';
import { type Terminal, wrap } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

/** A convoy as a person follows it: each epic's beads by wave, then why the blocked ones are blocked. */
export const board = (status: ConvoyStatus, terminal: Terminal): readonly string[] => [
  terminal.paint('bold', `Convoy ${status.convoy}: ${oneLine(status.title)}`),
  ...wrap(
    `${stateWord(status)}, ${tallyText(tally(status))}, ${spentText(status)}${untilNote(status)}`,
    terminal.width,
  ),
  ...nearLines(status, terminal),
  ...status.rigs.flatMap((rig) =>
    wrap(
      `rig ${rig.rig} (repository): lands on ${oneLine(rig.target)}, sandbox ${rig.sandbox}`,
      terminal.width,
    ),
  ),
  ...status.epics.flatMap((epic) => ['', ...epicBoard(epic, terminal)]),
  ...(status.failure === undefined ? [] : ['', ...troubleLines(status.failure, terminal)]),
  ...proposalsNote(status.convoy, status.epics).flatMap((line) => ['', line]),
];

/** `done` is for what has landed: a convoy some of whose beads are blocked, held or cancelled has only ended. */
export const stateWord = (status: Pick<ConvoyStatus, 'epics' | 'state'>): string => {
  const { beads, landed } = tally(status);
  return status.state === 'done' && landed < beads ? 'ended' : status.state;
};

/** How many beads of the convoy stand where. */
export const tally = (status: Pick<ConvoyStatus, 'epics'>): Record<'beads' | 'landed' | 'stuck', number> => {
  const beads = status.epics.flatMap((epic) => epic.beads);
  const count = (states: readonly BeadLine['state'][]): number =>
    beads.filter((bead) => states.includes(bead.state)).length;
  return {
    beads: beads.length,
    landed: count(['landed']),
    stuck: count(['blocked', 'held', 'cancelled']),
  };
};

/** `3 of 5 beads (tasks) landed, 2 blocked, held or cancelled`. */
export const tallyText = ({ beads, landed, stuck }: ReturnType<typeof tally>): string =>
  `${landed} of ${counted(beads, 'bead')} (${beads === 1 ? 'task' : 'tasks'}) landed${stuck === 0 ? '' : `, ${stuck} blocked, held or cancelled`}`;

const untilNote = ({ state, until }: ConvoyStatus): string =>
  until === undefined || state === 'done' ? '' : `, until ${oneLine(until.clock)}`;

const columns: readonly Column[] = [
  { title: 'wave', align: 'right' },
  { title: '  bead' },
  { title: 'state', whole: true },
  { title: 'polecat' },
  { title: 'model' },
  { title: 'turns', align: 'right' },
  { title: 'tokens', align: 'right' },
  { title: 'time', align: 'right' },
  { title: 'title', gives: true },
];

const epicBoard = (epic: EpicStatus, terminal: Terminal): readonly string[] => [
  ...epicTitle(epic, terminal),
  ...beadTable(epic, terminal),
  ...nearBeadLines(epic, terminal),
  ...whys(epic, terminal),
];

export const epicTitle = (epic: EpicStatus, terminal: Terminal): readonly string[] => {
  const name = `Epic ${epic.epic}`;
  const paused =
    epic.paused === undefined
      ? ''
      : `, paused: ${toReader(withLocalTimes(oneLine(epic.paused, 300), terminal))}`;
  const text =
    `${name} in rig ${epic.rig}, ${counted(epic.waves, 'wave')}, ` +
    `at most ${counted(epic.maxParallel, 'bead')} at once${paused}`;
  return wrap(text, terminal.width).map((line, at) =>
    at === 0 ? line.replace(name, () => terminal.paint('bold', name)) : line,
  );
};

/** A line for each bead, by wave. */
export const beadTable = (epic: EpicStatus, terminal: Terminal): readonly string[] => {
  const beads = epic.beads.toSorted((a, b) => a.wave - b.wave);
  const forms = beadForms(beads);
  const form = forms.find((one) => fitsWell(one.columns, one.rows, terminal.width)) ?? forms.at(-1);
  const [head = '', ...lines] = table(form?.columns ?? columns, form?.rows ?? [], terminal.width);
  return [
    terminal.paint('dim', head),
    ...lines.map((line, index) => terminal.paint(stateStyle(beads[index]?.state), line)),
  ];
};

/** From wide to narrow: with all, with hashes as short as git takes them, without a model that all have, without hashes. */
const beadForms = (beads: readonly BeadLine[]) => {
  const several = new Set(beads.map(({ model }) => model).filter((model) => model !== '')).size > 1;
  const form = (digits: number, withModel: boolean) => {
    const shown = <T>(all: readonly T[]): readonly T[] => all.filter((_, at) => withModel || at !== modelAt);
    return { columns: shown(columns), rows: beads.map((bead) => shown(beadRow(bead, digits))) };
  };
  return [form(10, true), form(7, true), form(7, several), form(0, several)];
};

const modelAt = columns.findIndex(({ title }) => title === 'model');

const beadRow = (bead: BeadLine, digits: number): readonly string[] => [
  String(bead.wave + 1),
  `${stateMark(bead.state)} ${bead.bead}`,
  stateText(bead, digits),
  bead.polecat,
  bead.model,
  bead.turns === 0 ? '' : String(bead.turns),
  bead.tokens === 0 ? '' : amount(bead.tokens),
  bead.ms === 0 ? '' : duration(bead.ms),
  oneLine(bead.title),
];

const stateText = (bead: BeadLine, digits: number): string => {
  if (digits === 0) return bead.state;
  if (bead.nothingToChange) return digits < 10 ? 'landed (as is)' : 'landed (nothing to change)';
  return bead.commit === undefined ? bead.state : `${bead.state} ${short(bead.commit).slice(0, digits)}`;
};

/** Why beads are blocked, or wait. One host that is down stops many beads: the reason is told once, with all of them. */
export const whys = (epic: EpicStatus, terminal: Terminal): readonly string[] => {
  const troubled = epic.beads.filter((bead) => bead.failure !== undefined);
  const alike = Map.groupBy(troubled, ({ failure }) =>
    JSON.stringify([failure?.type, failure?.what, failure?.evidence]),
  );
  return [...alike.values()].flatMap((beads) => [
    '',
    `  ${beads.map(({ bead }) => `${epic.convoy}/${epic.epic}/${bead}`).join(', ')}:`,
    ...beads.slice(0, 1).flatMap(({ failure }) => (failure ? troubleLines(failure, terminal, '    ') : [])),
    ...otherSteps(beads).flatMap((step) => wrap(`    Next: ${step}`, terminal.width)),
  ]);
};

/** The evidence may be the same and the step each bead's own, since it names the bead. */
const otherSteps = ([first, ...others]: readonly BeadLine[]): readonly string[] =>
  [...new Set(others.map(({ failure }) => plain(failure?.next ?? '')))].filter(
    (step) => step !== plain(first?.failure?.next ?? ''),
  );
