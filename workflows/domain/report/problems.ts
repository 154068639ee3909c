/** Everything in a town that needs a person, in the order in which it does. */

import type { Failure } from '../failure.ts';
import { overseer } from '../mail/addressee.ts';
import { type Letter, pressureOf } from '../mail/mailbox.ts';
import { rankOf, type Severity, severityOf } from '../mail/severity.ts';
import { beadKey } from '../naming.ts';
import type { PlanStatus } from '../plan/planning.ts';
import { isWaitedFor } from '../queue/refineryReport.ts';
import { budgetProblems, capProblem, circleProblem, waitingProblem } from './problemsAtWork.ts';
import type { BeadStatus, ConvoyStatus, HostStatus, RefineryStatus, TownStatus } from './report.ts';
import { type Need, needsOf, type ReportedBead } from './reportNeeds.ts';

/** The first holds up most. `silent` is what does not answer, `escalated` a letter about nothing else that is seen. */
export const problemKinds = ['silent', 'stopped', 'overBudget', 'stuck', 'escalated', 'waits'] as const;

export type ProblemKind = (typeof problemKinds)[number];

export interface Problem {
  readonly kind: ProblemKind;
  readonly severity: Severity;
  /** Beads, a queue, a host, a convoy: what it is about. */
  readonly about: readonly string[];
  readonly type: string;
  readonly what: string;
  readonly evidence: string;
  /** What to do, in words; and the first command in them. */
  readonly next: string;
  readonly command: string | undefined;
  /** Since when, epoch ms, where that is known. */
  readonly since: number | undefined;
  /** The letter about it. */
  readonly letter?: number;
  /** Somebody has taken note of it. */
  readonly acknowledged?: true;
}

/** How a town stands, as whoever looks has found it. */
export interface TownState {
  /** Those that run, and those that failed lately. */
  readonly convoys: readonly ConvoyStatus[];
  /** Beads at work or parked, in their own words. */
  readonly beads: readonly BeadStatus[];
  readonly plans: readonly PlanStatus[];
  readonly refineries: readonly RefineryStatus[];
  readonly hosts: readonly HostStatus[];
  readonly town: TownStatus | undefined;
  /** Since when beads are blocked or parked, by CONVOY/EPIC/BEAD, epoch ms, as far as is known. */
  readonly since?: ReadonlyMap<string, number>;
  /** Parts of the town that do not answer. */
  readonly silent: readonly {
    readonly workflow: string;
    readonly trouble: Omit<Failure, 'type'> & { readonly type: string };
  }[];
}

/** A problem before its letter is looked for. */
export type Found = Omit<Problem, 'command' | 'since'> & { readonly since?: number | undefined };

/** What needs a person, the most pressing first. */
export const problemsOf = (state: TownState): readonly Problem[] => {
  const letters = (state.town?.mailbox ?? []).filter(({ to = overseer }) => to === overseer);
  const found = distinct([
    ...state.silent.map(({ workflow, trouble }): Found => from([workflow], trouble, 'silent', 'critical')),
    ...state.hosts.flatMap(downHosts),
    ...state.refineries.flatMap((one) => stopped(one, state.convoys)),
    ...budgetProblems(state.convoys, state.town),
    ...state.convoys.flatMap((convoy) => needs(convoy, state)),
    ...state.beads.flatMap((bead) => [...waitingProblem(bead), ...circleProblem(bead), ...capProblem(bead)]),
    ...state.plans.flatMap(plans),
  ]);
  const told = new Set(found.flatMap(({ about }) => about));
  const others = letters.flatMap((letter) => (told.has(letter.about) ? [] : escalation(letter)));
  return [...found.map((one) => withLetter(dated(one, state.since), letters)), ...others]
    .map((one): Problem => ({ ...one, since: one.since, command: commandIn(one.next) }))
    .toSorted(byPress);
};

/** The first command that an advice names, as it can be typed. */
export const commandIn = (next: string): string | undefined =>
  /`((?:gt|git|temporal) [^`]+)`/.exec(next)?.[1] ??
  /\b((?:gt|git) [a-z][^;,()]*?)(?=[;,()]|\.(?:\s|$)|\s(?:or|to|and|then)\s|$)/.exec(next)?.[1]?.trim();

const byPress = (a: Problem, b: Problem): number =>
  rankOf(b.severity) - rankOf(a.severity) ||
  Number(a.acknowledged ?? false) - Number(b.acknowledged ?? false) ||
  problemKinds.indexOf(a.kind) - problemKinds.indexOf(b.kind) ||
  (a.since ?? Number.POSITIVE_INFINITY) - (b.since ?? Number.POSITIVE_INFINITY) ||
  (a.about[0] ?? '').localeCompare(b.about[0] ?? '');

const from = (
  about: readonly string[],
  { type, what, evidence, next }: TownState['silent'][number]['trouble'],
  kind: ProblemKind,
  severity: Severity,
): Found => ({ kind, severity, about, type, what, evidence, next });

/** As old as the oldest that it is about. */
const dated = (found: Found, since: TownState['since'] = new Map()): Found => {
  const known = found.about.flatMap((name) => since.get(name) ?? []);
  return found.since !== undefined || known.length === 0 ? found : { ...found, since: Math.min(...known) };
};

/** Told by its board and by its letter, it is one thing; the letter knows since when, and who has taken note. */
const withLetter = (found: Found, letters: readonly Letter[]): Found => {
  const letter = letters.find(({ about }) => found.about.includes(about));
  if (letter === undefined) return found;
  const pressure = letter.severity ?? found.severity;
  const acknowledged = letter.acknowledged !== undefined;
  return {
    ...found,
    severity: acknowledged ? 'info' : rankOf(pressure) > rankOf(found.severity) ? pressure : found.severity,
    since: found.since ?? letter.at,
    letter: letter.id,
    ...(acknowledged ? { acknowledged: true as const } : {}),
  };
};

const letterKinds: Partial<Record<Failure['type'], ProblemKind>> = {
  BeadSilent: 'silent',
  HostSilent: 'silent',
  BudgetNear: 'overBudget',
};

/** A message that nobody gave a severity needs no action. */
const escalation = (letter: Letter): readonly Found[] => {
  const { id, about, failure, at, acknowledged } = letter;
  const severity = pressureOf(letter);
  if (severity === undefined || acknowledged !== undefined) return [];
  const next = failure.type === 'Message' ? `Take note of it: gt escalations ack ${id}` : failure.next;
  const kind = letterKinds[failure.type] ?? (severity === 'info' ? 'waits' : 'escalated');
  return [{ ...from([about], { ...failure, next }, kind, severity), since: at, letter: id }];
};

const kinds: Partial<Record<Need['type'], ProblemKind>> = {
  BudgetExhausted: 'overBudget',
  Paused: 'waits',
  Parked: 'waits',
  TakeOver: 'waits',
  ProposalsWait: 'waits',
  PlanWaits: 'waits',
};

const needs = (status: ConvoyStatus, { refineries }: TownState): readonly Found[] => {
  const open = ['opening', 'running', 'paused'].includes(status.state);
  const beads = status.epics.flatMap(({ convoy, epic, rig, target, beads: lines }) =>
    lines.map(
      (line): ReportedBead => ({ ...line, key: beadKey({ convoy, epic, bead: line.bead }), rig, target }),
    ),
  );
  // Queues and hosts are the town's, and told once.
  const resting = refineries.map(({ stopped: _, ...queue }) => ({ ...queue, stopped: undefined }));
  return needsOf({ status, refineries: resting, hosts: [], open }, beads).map((need) =>
    from(need.about, need, kinds[need.type] ?? 'stuck', severityOfNeed(need.type)),
  );
};

const severityOfNeed = (type: Need['type']): Severity =>
  type === 'Paused' || type === 'Parked' || type === 'TakeOver' ? 'info' : (severityOf(type) ?? 'info');

/** A queue that a person paused waits for them; one that nobody waits for is no problem now. */
const stopped = (queue: RefineryStatus, convoys: readonly ConvoyStatus[]): readonly Found[] => {
  if (queue.stopped === undefined || !isWaitedFor(queue, convoys)) return [];
  const paused = queue.stopped.type === 'QueuePaused';
  const about = `the merge queue of ${queue.rig} ${queue.target}`;
  return [from([about], queue.stopped, paused ? 'waits' : 'stopped', paused ? 'info' : 'critical')];
};

/** What passes by itself, such as quiet hours or a model that waits for its turn, is no problem. */
const down: readonly string[] = ['HostDown', 'LeaseLost', 'NotAModelServer', 'WorkerLost'];

const downHosts = ({ host, closed }: HostStatus): readonly Found[] =>
  closed
    .filter(({ terminal, failure }) => terminal || down.includes(failure.type))
    .map(({ failure, terminal }) =>
      from([`host ${host}`], failure, 'silent', terminal ? 'critical' : 'warning'),
    );

const plans = ({ convoy, rig, state, bornAt, waiting, draft }: PlanStatus): readonly Found[] => {
  const about = [`plan ${convoy}`];
  if (state === 'waiting')
    return [
      {
        ...from(
          about,
          {
            type: 'PlanWaits',
            what: `A plan of the mayor (a model that plans) for ${rig} waits for you${draft === undefined ? '' : `, ${draft.beads} beads (tasks)`}.`,
            evidence: '',
            next: `Read it with \`gt plan show ${convoy}\`, then approve, edit or reject it.`,
          },
          'waits',
          'info',
        ),
        since: bornAt,
      },
    ];
  return state === 'drafting' && waiting !== undefined
    ? [{ ...from(about, waiting, 'stuck', 'warning'), since: bornAt }]
    : [];
};

/** Several models of a host, and several convoys, tell the same. */
const distinct = (all: readonly Found[]): readonly Found[] => [
  ...new Map(all.map((one) => [`${one.type}\n${one.about.join('\n')}\n${one.what}`, one] as const)).values(),
];
