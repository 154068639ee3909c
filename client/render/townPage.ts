import { moneyText, unitsText } from '../../workflows/domain/budget/money.ts';
import { overseer } from '../../workflows/domain/mail/addressee.ts';
import { type Letter, lettersTo } from '../../workflows/domain/mail/mailbox.ts';
import type { PlanStatus } from '../../workflows/domain/plan/planning.ts';
import { isWaitedFor } from '../../workflows/domain/queue/refineryReport.ts';
import type { TakeOver } from '../../workflows/domain/queue/takeOver.ts';
import type {
  ConvoyStatus,
  HostStatus,
  RefineryStatus,
  TownStatus,
} from '../../workflows/domain/report/report.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { Silent } from '../stuck.ts';
import { amount, counted } from './amounts.ts';
import { stateWord, tally } from './board.ts';
import { nearDayLines, nearLines } from './budget.ts';
import { inboxBrief } from './inbox.ts';
import { localTime } from './localTime.ts';
import { openPlanLines } from './planLine.ts';
import { proposalsNote } from './proposals.ts';
import { branchLine } from './refineryQueue.ts';
import { takeOverLines, takeOverTitle } from './takeOver.ts';
import { type Terminal, wrap } from './terminal.ts';
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
  /** The mayor's plans that are drafted or wait for a person. */
  readonly plans?: readonly PlanStatus[];
  readonly refineries: readonly RefineryStatus[];
  readonly hosts: readonly HostStatus[];
  /** Of convoys that have ended, too. */
  readonly takeOvers: readonly TakeOver[];
  readonly town: TownStatus | undefined;
  /** Workflows that cannot say how they stand, or have ended and should not have. */
  readonly silent: readonly Silent[];
}

/** The town on a page: processes, hosts with what they refuse, refineries that stopped, convoys, take-overs, mail. */
export const townPage = (view: TownView, terminal: Terminal): readonly string[] => [
  terminal.paint('bold', `Town ${view.name}`) +
    `, open since ${localTime(view.startedAt, terminal)}, version ${view.version}`,
  `  home       ${view.home}`,
  `  Temporal   ${view.address}, namespace ${view.namespace}`,
  ...(view.uiUrl === undefined ? [] : [`  Web UI     ${view.uiUrl}`]),
  `  processes  ${view.processes.map(processText).join(', ')}`,
  ...budgetLines(view.town),
  '',
  ...section('What does not work', silentLines(view.silent, inside(terminal))),
  ...section(
    'Hosts (machines that serve models)',
    view.hosts.flatMap((host) => hostLines(host, inside(terminal))),
  ),
  ...section(
    'Refineries (merge queues)',
    view.refineries.flatMap((one) =>
      one.stopped === undefined || isWaitedFor(one, view.convoys)
        ? refineryLines(one, inside(terminal))
        : restingLines(one, inside(terminal)),
    ),
  ),
  ...section('Plans of the mayor (a model that plans)', openPlanLines(view.plans ?? [])),
  ...section(
    'Convoys',
    view.convoys.flatMap((one) => [
      convoyLine(one),
      ...nearLines(one, inside(terminal)).map((line) => `  ${line}`),
      ...proposalsNote(one.convoy, one.epics).map((line) => `  ${line}`),
    ]),
  ),
  ...section(takeOverTitle, takeOverLines(view.takeOvers)),
  ...section(mailTitle(view.town), inboxBrief(ownMail(view.town), inside(terminal))),
];

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`), ''];

/** What a section leaves of the terminal. */
const inside = (terminal: Terminal): Terminal => ({ ...terminal, width: terminal.width - 2 });

/** Workflows of the town that cannot say how they stand, each with the reason. */
export const silentLines = (silent: readonly Silent[], terminal: Terminal): readonly string[] =>
  silent.flatMap(({ workflow, trouble }) => [
    `${oneLine(workflow)}:`,
    ...troubleLines(trouble, terminal, '  '),
  ]);

const processText = ({ role, pid, alive }: TownView['processes'][number]): string =>
  `${role} ${pid}${alive ? '' : ' (dead)'}`;

const budgetLines = (town: TownStatus | undefined): readonly string[] =>
  town === undefined
    ? []
    : [
        ...(town.tokens.perDay === undefined
          ? []
          : [
              `  budget     ${amount(town.tokens.granted)} of ${amount(town.tokens.perDay)} tokens granted ${dayOf(town)}`,
            ]),
        ...(town.money === undefined
          ? []
          : [
              `  budget     ${unitsText(town.money.granted)} of ${moneyText(town.money.perDay, town.currency)} granted ${dayOf(town)}`,
            ]),
        ...nearDayLines(town).map((line) => `  ${line}`),
      ];

const dayOf = ({ day }: TownStatus): string => (day === '' ? 'today' : `on ${day}`);

const hostLines = (host: HostStatus, terminal: Terminal): readonly string[] => [
  `${host.host}: ${hostState(host)}`,
  ...closedLines(host, inside(terminal)).map((line) => `  ${line}`),
];

/** In a few words, what a host serves now. */
export const hostState = ({ open, loading = [], closed, attempt }: HostStatus): string => {
  const parts = [
    ...(open.length === 0 ? [] : [`open for ${open.join(', ')}`]),
    ...(loading.length === 0 ? [] : [`loading ${loading.join(', ')}`]),
  ];
  if (parts.length > 0) return parts.join('; ');
  if (attempt === 0) return 'not looked at yet';
  return closed.length > 0
    ? 'no model is open'
    : 'no model is open now; one is loaded when a call asks for it';
};

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

/** Merge queues that have stopped, for the person who wonders why a bead (task) stays queued. */
export const stoppedLines = (refineries: readonly RefineryStatus[], terminal: Terminal): readonly string[] =>
  refineries.flatMap(({ rig, target, stopped }) =>
    stopped === undefined
      ? []
      : [
          terminal.paint('red', `The merge queue of ${rig} ${oneLine(target)} has stopped:`),
          ...troubleLines(stopped, terminal, '  '),
        ],
  );

/** Branches of a queue that an overview shows. */
const mostQueued = 20;

/** One merge queue: how long it is, and why it stopped. */
export const refineryLines = (one: RefineryStatus, terminal: Terminal): readonly string[] => [
  `${one.rig} ${oneLine(one.target)}: ${counted(one.landed, 'bead')} landed, ${one.sentBack} sent back, ` +
    `${one.queue.length} in the queue${one.stopped === undefined ? '' : terminal.paint('red', ', stopped')}`,
  ...one.queue.slice(0, mostQueued).map((line) => `  ${branchLine(line)}`),
  ...(one.queue.length > mostQueued
    ? [`  … and ${one.queue.length - mostQueued} more: gt refinery queue ${one.rig} ${oneLine(one.target)}`]
    : []),
  ...upstreamLines(one, terminal),
  ...(one.stopped === undefined ? [] : troubleLines(one.stopped, terminal, '  ')),
];

/** One that has stopped while nobody waits for it: no trouble now, and `gt refinery status` has the reason. */
const restingLines = (one: RefineryStatus, terminal: Terminal): readonly string[] => [
  `${one.rig} ${oneLine(one.target)}: ${counted(one.landed, 'bead')} landed, ${one.sentBack} sent back; ` +
    'it has stopped, and nobody waits for it: gt refinery status',
  ...upstreamLines(one, terminal),
];

const upstreamLines = ({ upstream }: RefineryStatus, { width }: Terminal): readonly string[] => {
  if (upstream === undefined) return [];
  if (upstream.behind === undefined) return [`  ${oneLine(upstream.branch)} has all that landed`];
  const { what, evidence, next } = upstream.behind;
  return [
    `  ${oneLine(what, 300)}`,
    ...evidence.split('\n').map((line) => `    ${oneLine(line, 300)}`),
    `    It follows by itself when nothing is in the way; by hand: ${oneLine(next, 1_000)}`,
  ].flatMap((line) => wrap(line, width));
};

/** One convoy in a line. */
export const convoyLine = (convoy: ConvoyStatus): string => {
  const { beads, landed, stuck } = tally(convoy);
  const trouble = stuck === 0 ? '' : `, ${stuck} blocked, held or cancelled`;
  if (convoy.state === 'failed' && convoy.failure !== undefined)
    return `${convoy.convoy} failed: ${oneLine(convoy.failure.what, 200)} See: gt convoy status ${convoy.convoy}`;
  return `${convoy.convoy} ${stateWord(convoy)}: ${landed} of ${counted(beads, 'bead')} landed${trouble} (${oneLine(convoy.title)})`;
};

const mailTitle = (town: TownStatus | undefined): string =>
  `Mail for you (${counted(ownMail(town).length, 'letter')})`;

const ownMail = (town: TownStatus | undefined): readonly Letter[] => lettersTo(town?.mailbox ?? [], overseer);
