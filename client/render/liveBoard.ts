import { clockText } from '../../workflows/domain/clock.ts';
import { isWaitedFor } from '../../workflows/domain/queue/refineryReport.ts';
import type {
  BeadLine,
  ConvoyStatus,
  HostStatus,
  RefineryStatus,
} from '../../workflows/domain/report/report.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { Sight } from '../follow.ts';
import { polecatsIn } from '../polecats.ts';
import { amount, counted, short } from './amounts.ts';
import { beadTable, epicTitle, stateWord, tally, whys } from './board.ts';
import { moneyParts, nearLines } from './budget.ts';
import { polecatTable } from './polecatTable.ts';
import { cut, type Terminal } from './terminal.ts';
import { hostState, refusalLines } from './townPage.ts';
import { troubleLines } from './troubleLines.ts';
import { waveStrip } from './waveStrip.ts';

/**
 * A convoy at this moment on one screen: how far it is, wave by wave, who works on what, the merge queues, the hosts, and what
 * is in trouble. It holds no seconds that run, so that it changes only when something happens.
 */
export const liveBoard = (sight: Sight, terminal: Terminal, rows: number): readonly string[] => {
  const { convoy, hosts, refineries } = sight;
  const top = [...headLines(sight, terminal), ...epicsLines(convoy, terminal, rows)];
  const below = [
    ...section(
      'Queue',
      refineries.map((one) =>
        queueLine(isWaitedFor(one, [convoy]) ? one : { ...one, stopped: undefined }, terminal),
      ),
      terminal,
    ),
    ...section(
      'Hosts',
      hosts.map((host) => hostLine(host, terminal)),
      terminal,
    ),
    ...troubles(sight, terminal),
  ];
  const room = rows - top.length - below.length;
  return [...top, ...below, ...landedLines(sight, terminal, room)];
};

const headLines = ({ convoy, startedAt }: Sight, terminal: Terminal): readonly string[] => {
  const { beads, landed, stuck } = tally(convoy);
  const facts = [
    stateWord(convoy),
    ...(startedAt === undefined ? [] : [`since ${localClock(startedAt)}`]),
    ...(convoy.until === undefined ? [] : [`until ${convoy.until.clock}`]),
    budgetText(convoy),
    ...moneyParts(convoy),
  ];
  const text = `${landed} of ${counted(beads, 'bead')} landed${stuck === 0 ? '' : `, ${stuck} blocked, held or cancelled`}`;
  return [
    terminal.paint('bold', cut(`Convoy ${convoy.convoy}: ${oneLine(convoy.title)}`, terminal.width)),
    facts.join(', '),
    ...nearLines(convoy, terminal),
    `${bar(landed, stuck, beads, Math.min(40, terminal.width - text.length - 4), terminal)}  ${text}`,
  ];
};

const budgetText = ({ tokens: { spent, granted } }: ConvoyStatus): string =>
  granted === undefined ? `${amount(spent)} tokens` : `${amount(spent)} of ${amount(granted)} tokens`;

const bar = (landed: number, stuck: number, all: number, width: number, terminal: Terminal): string => {
  const part = (count: number): number => (all === 0 ? 0 : Math.round((count / all) * width));
  const [done, bad] = [part(landed), Math.min(part(stuck), width - part(landed))];
  return [
    terminal.paint('green', '█'.repeat(done)),
    terminal.paint('red', '▒'.repeat(bad)),
    terminal.paint('dim', '░'.repeat(Math.max(0, width - done - bad))),
  ].join('');
};

/** Few beads have a line each; of many, the waves in a strip each, and those at work. */
const epicsLines = (convoy: ConvoyStatus, terminal: Terminal, rows: number): readonly string[] => {
  const { epics } = convoy;
  if (tally(convoy).beads <= Math.min(mostLines, rows - 12))
    return epics.flatMap((epic) => ['', ...epicTitle(epic, terminal), ...beadTable(epic, terminal)]);
  const each = Math.max(2, Math.floor((rows - 10) / 3 / epics.length));
  const strips = epics.flatMap((epic) => [
    '',
    ...epicTitle(epic, terminal),
    ...waveStrip(epic, each, terminal),
  ]);
  // The convoy is in the first line.
  const polecats = polecatsIn(convoy).map((one) => ({
    ...one,
    bead: one.bead.slice(convoy.convoy.length + 1),
  }));
  const most = Math.max(4, rows - strips.length - 12);
  const [head = '', ...lines] = polecatTable(polecats.slice(0, most), terminal, false);
  const more = polecats.length > most ? [`  … ${polecats.length - most} more`] : [];
  return [...strips, '', ...(polecats.length === 0 ? ['Nobody is at work.'] : [head, ...lines, ...more])];
};

const mostLines = 16;

const section = (title: string, lines: readonly string[], terminal: Terminal): readonly string[] =>
  lines.length === 0 ? [] : ['', terminal.paint('bold', title), ...lines.map((line) => `  ${line}`)];

const queueLine = (one: RefineryStatus, terminal: Terminal): string => {
  const named = (state: string): readonly string[] =>
    one.queue.filter((line) => line.state === state).map(({ bead }) => bead.split('/').slice(1).join('/'));
  const parts = (['landing', 'testing', 'waiting'] as const).flatMap((state) => {
    const beads = named(state);
    return beads.length === 0
      ? []
      : [`${state} ${beads.slice(0, 4).join(', ')}${beads.length > 4 ? `, … ${beads.length - 4} more` : ''}`];
  });
  const place = `${one.rig} ${oneLine(one.target)}: `;
  const text =
    one.stopped === undefined ? parts.join('; ') || 'empty' : `stopped: ${oneLine(one.stopped.what)}`;
  const line = cut(`${place}${text}`, terminal.width - 2);
  return one.stopped === undefined ? line : terminal.paint('red', line);
};

const hostLine = (host: HostStatus, terminal: Terminal): string => {
  const quiet = host.quietUntil === undefined ? '' : `, quiet until ${localClock(host.quietUntil)}`;
  const line = cut(`${host.host}: ${hostState(host)}${quiet}`, terminal.width - 2);
  return host.closed.length === 0 ? line : terminal.paint('yellow', line);
};

const troubles = ({ convoy, hosts }: Sight, terminal: Terminal): readonly string[] => {
  const refusals = refusalLines(hosts, terminal);
  return [
    ...(convoy.failure === undefined ? [] : ['', ...troubleLines(convoy.failure, terminal)]),
    ...(refusals.length === 0 ? [] : ['', ...refusals]),
    ...convoy.epics.flatMap((epic) => whys(epic, terminal)),
  ];
};

/** What is left of the screen is for good news. */
const landedLines = ({ convoy, landed }: Sight, terminal: Terminal, room: number): readonly string[] => {
  if (room < 4 || landed.length === 0 || tally(convoy).beads <= mostLines) return [];
  const lines = landed
    .slice(0, Math.min(5, room - 2))
    .map(({ epic, bead }) =>
      cut(`  ✓ ${epic}/${bead.bead} ${landedAs(bead)}${oneLine(bead.title)}`, terminal.width),
    );
  return ['', terminal.paint('bold', 'Landed last'), ...lines.map((line) => terminal.paint('green', line))];
};

const landedAs = ({ commit }: BeadLine): string => (commit === undefined ? '' : `${short(commit)} `);

const localClock = (at: number): string => {
  const date = new Date(at);
  return clockText(date.getHours() * 60 + date.getMinutes());
};
