import { stateOf } from '../../workflows/domain/fleet/markdown.ts';
import type { FleetHostStatus, FleetStatus, ModelDemand } from '../../workflows/domain/fleet/status.ts';
import { notKept, troubleTexts } from '../../workflows/domain/fleet/troubleText.ts';
import { plain } from '../../workflows/domain/text.ts';
import { duration } from './amounts.ts';
import { orderText } from './fleetOrder.ts';
import { swapLines } from './fleetSwaps.ts';
import { localTime } from './localTime.ts';
import { type Column, table } from './table.ts';
import { cut, type Terminal, wrap } from './terminal.ts';

const hostColumns: readonly Column[] = [
  { title: 'HOST', whole: true },
  { title: 'HOLDS' },
  { title: 'SINCE', align: 'right' },
  { title: 'CALLS', align: 'right' },
  { title: 'TOLD TO HOLD', gives: true },
];

const modelColumns: readonly Column[] = [
  { title: 'MODEL', whole: true },
  { title: 'ON' },
  { title: 'RUNNING', align: 'right' },
  { title: 'WAITING', align: 'right' },
  { title: 'TO COME', align: 'right' },
  { title: 'LONGEST WAIT', align: 'right' },
];

/** `gt fleet status` */
export const fleetPage = (status: FleetStatus, terminal: Terminal, now: number): readonly string[] => {
  const { hosts, demand, swaps } = status;
  if (hosts.length === 0) return ['No host has reported yet. Start the town with: gt up'];
  const [head = '', ...rows] = table(
    hostColumns,
    hosts.map((host) => hostRow(host, now)),
    terminal.width,
  );
  const fitted = (line: string): readonly string[] =>
    wrap(line, terminal.width).map((part) => cut(part, terminal.width));
  const when = (at: number): string =>
    `${at <= now ? 'now' : `in ${duration(at - now)}`} (${localTime(at, terminal, now)})`;
  const notes = hosts.flatMap((host) => [...orderNotes(host, now), ...hostNotes(host, when)]).flatMap(fitted);
  return [
    terminal.paint('dim', head),
    ...rows,
    ...notes,
    ...(demand.length === 0 ? [] : ['', ...modelTable(status, terminal)]),
    ...swapLines(swaps, terminal, now),
  ];
};

const hostRow = (host: FleetHostStatus, now: number): readonly string[] => {
  const { report, lost, told, steering } = host;
  return [
    report.host,
    stateOf(host),
    report.open.length === 0 || lost ? '' : duration(Math.max(0, now - report.since)),
    String(report.running.length),
    steering.drained
      ? 'nothing (drained by you)'
      : told === undefined
        ? 'its own rule'
        : `${told.join(', ') || 'nothing'}${wordText(host)}`,
  ];
};

/** What a person's word has to do with it. */
const wordText = (host: FleetHostStatus): string => {
  const { pinned, asked } = host.steering;
  const missing = notKept(host);
  if (missing.length > 0) return ` (not ${missing.join(', ')}, see below)`;
  return pinned ? ' (pinned by you)' : asked ? ' (asked for by you)' : '';
};

/** Why it was told what it was told; what was planned since says only that it goes on. */
const orderNotes = ({ report, order }: FleetHostStatus, now: number): readonly string[] =>
  order === undefined || order.reason === '' ? [] : [`  ${report.host}: ${plain(orderText(order, now))}`];

const hostNotes = (host: FleetHostStatus, when: (at: number) => string): readonly string[] => [
  ...troubleTexts(host, when).map((line) => `  ${plain(line)}`),
  ...strangerNotes(host),
];

const strangerNotes = ({ report }: FleetHostStatus): readonly string[] => [
  ...((report.strangers ?? []).length === 0
    ? []
    : [
        `  ${report.host} also holds ${(report.strangers ?? []).map((one) => plain(one)).join(', ')}: somebody else uses that server`,
      ]),
];

const modelTable = ({ hosts, demand }: FleetStatus, terminal: Terminal): readonly string[] => {
  const on = (model: string): string =>
    hosts
      .filter(({ report, lost }) => !lost && report.open.includes(model))
      .map(({ report }) => report.host)
      .join(', ');
  const row = (one: ModelDemand): readonly string[] => [
    one.model,
    on(one.model) || 'no host',
    String(one.running),
    String(one.ready),
    String(one.coming),
    one.ready === 0 ? '' : duration(one.waitedMs),
  ];
  const [head = '', ...rows] = table(modelColumns, demand.map(row), terminal.width);
  return [terminal.paint('dim', head), ...rows];
};
