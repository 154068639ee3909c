import type { ConvoyStatus, HostStatus, RefineryStatus, TownStatus } from '../../workflows/domain/report.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { amount, counted } from './amounts.ts';
import { stateWord, tally } from './board.ts';
import type { Terminal } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

/** What `gt status` shows of a town: filled in by whoever looks, so that it can be drawn and printed as JSON. */
export interface TownView {
  readonly name: string;
  readonly home: string;
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | undefined;
  readonly version: string;
  readonly startedAt: string;
  readonly processes: readonly { readonly role: string; readonly pid: number; readonly alive: boolean }[];
  readonly convoys: readonly ConvoyStatus[];
  readonly refineries: readonly RefineryStatus[];
  readonly hosts: readonly HostStatus[];
  readonly town: TownStatus | undefined;
}

/** The town on a page: processes, hosts with what they refuse, refineries that stopped, convoys, take-overs, mail. */
export const townPage = (view: TownView, terminal: Terminal): readonly string[] => [
  terminal.paint('bold', `Town ${view.name}`) + `, open since ${view.startedAt}, version ${view.version}`,
  `  home       ${view.home}`,
  `  Temporal   ${view.address}, namespace ${view.namespace}`,
  ...(view.uiUrl === undefined ? [] : [`  Web UI     ${view.uiUrl}`]),
  `  processes  ${view.processes.map(processText).join(', ')}`,
  ...budgetLines(view.town),
  '',
  ...section(
    'Hosts (machines that serve models)',
    view.hosts.flatMap((host) => hostLines(host, terminal)),
  ),
  ...section(
    'Refineries (merge queues)',
    view.refineries.flatMap((one) => refineryLines(one, terminal)),
  ),
  ...section('Convoys', view.convoys.map(convoyLine)),
  ...section('To take over what landed', [...new Set(view.convoys.flatMap(takeOvers))]),
  ...section('Mail for you', mailLines(view.town, terminal)),
];

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ''];

const processText = ({ role, pid, alive }: TownView['processes'][number]): string =>
  `${role} ${pid}${alive ? '' : ' (dead)'}`;

const budgetLines = (town: TownStatus | undefined): readonly string[] =>
  town?.tokens.perDay === undefined
    ? []
    : [
        `  budget     ${amount(town.tokens.granted)} of ${amount(town.tokens.perDay)} tokens granted ${town.day === '' ? 'today' : `on ${town.day}`}`,
      ];

const hostLines = (host: HostStatus, terminal: Terminal): readonly string[] => [
  `${host.host}: ${host.open.length === 0 ? 'no model is open' : `open for ${host.open.join(', ')}`}`,
  ...closedLines(host, terminal).map((line) => `  ${line}`),
];

const closedLines = ({ closed }: HostStatus, terminal: Terminal): readonly string[] =>
  closed.flatMap(({ model, terminal: forGood, failure }) => [
    `${model} is closed${forGood ? ' until somebody acts' : ' for now'}:`,
    ...troubleLines(failure, terminal, '  '),
  ]);

/** What hosts refuse, for the person who follows a convoy and wonders why nothing moves. */
export const refusalLines = (hosts: readonly HostStatus[], terminal: Terminal): readonly string[] =>
  hosts.flatMap((host) =>
    closedLines(host, terminal).map((line, at) => (at === 0 ? `Host ${host.host}: ${line}` : line)),
  );

/** One merge queue: how long it is, and why it stopped. */
export const refineryLines = (one: RefineryStatus, terminal: Terminal): readonly string[] => [
  `${one.rig} ${oneLine(one.target)}: ${counted(one.landed, 'bead')} landed, ${one.sentBack} sent back, ` +
    `${one.queue.length} in the queue${one.stopped === undefined ? '' : terminal.paint('red', ', stopped')}`,
  ...one.queue.map((line) => `  ${line.state} ${line.bead} (attempt ${line.attempt})`),
  ...(one.stopped === undefined ? [] : troubleLines(one.stopped, terminal, '  ')),
];

/** One convoy in a line. */
export const convoyLine = (convoy: ConvoyStatus): string => {
  const { beads, landed, stuck } = tally(convoy);
  const trouble = stuck === 0 ? '' : `, ${stuck} blocked, held or cancelled`;
  return `${convoy.convoy} ${stateWord(convoy)}: ${landed} of ${counted(beads, 'bead')} landed${trouble} (${oneLine(convoy.title)})`;
};

const takeOvers = (convoy: ConvoyStatus): readonly string[] =>
  convoy.rigs.flatMap((rig) => (rig.takeOver === undefined ? [] : [`${rig.rig}: ${oneLine(rig.takeOver)}`]));

const mailLines = (town: TownStatus | undefined, terminal: Terminal): readonly string[] =>
  (town?.mailbox ?? []).flatMap((mail) => [
    `${new Date(mail.at).toISOString()} ${oneLine(mail.about)}:`,
    ...troubleLines(mail.failure, terminal, '  '),
  ]);
