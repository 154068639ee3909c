/** What of a convoy needs a person, and what to do about it. */

import { proposalsWait, waitingProposals } from '../bead/proposal.ts';
import type { Failure } from '../failure.ts';
import { isWaitedFor } from '../queue/refineryReport.ts';
import type { BeadLine, ConvoyStatus, EpicStatus, HostStatus, RefineryStatus } from './report.ts';

/** Something for the person, with what to do. */
export interface Need {
  /** What it is about: beads, a queue, a host, the convoy. */
  readonly about: readonly string[];
  readonly type: Failure['type'] | 'Paused' | 'Parked' | 'TakeOver';
  readonly what: string;
  readonly evidence: string;
  readonly next: string;
}

export interface ReportedBead extends BeadLine {
  /** CONVOY/EPIC/BEAD. */
  readonly key: string;
  readonly rig: string;
  readonly target: string;
}

interface Surroundings {
  readonly status: ConvoyStatus;
  readonly refineries: readonly RefineryStatus[];
  readonly hosts: readonly HostStatus[];
  /** Whether the convoy still runs. */
  readonly open: boolean;
}

/** What needs a person, the most pressing first. Of what is over, only what they can still mend. */
export const needsOf = (
  { status, refineries, hosts, open }: Surroundings,
  beads: readonly ReportedBead[],
): readonly Need[] => {
  const proposed = waitingProposals(status.epics);
  return [
    ...(status.failure === undefined ? [] : [need([status.convoy], status.failure)]),
    ...alike(
      beads.flatMap(({ key, state, failure }) => (state === 'blocked' && failure ? [{ key, failure }] : [])),
    ),
    ...(open ? pauses(status, beads) : []),
    ...refineries.flatMap((queue) => {
      const { rig, target, stopped } = queue;
      if (stopped === undefined || !isWaitedFor(queue, open ? [status] : [])) return [];
      return [need([`the merge queue of ${rig} ${target}`], stopped)];
    }),
    ...(open ? hosts.flatMap(refusals) : []),
    ...status.rigs.flatMap((rig) => takeOvers(rig, beads, refineries)),
    ...(proposed === 0 ? [] : [need([status.convoy], proposalsWait(status.convoy, proposed, open))]),
  ];
};

const need = (about: readonly string[], { type, what, evidence, next }: Failure): Need => ({
  about,
  type,
  what,
  evidence,
  next,
});

/** One host that is gone blocks many beads: the reason is told once, with all of them. */
const alike = (troubled: readonly { readonly key: string; readonly failure: Failure }[]): readonly Need[] =>
  [...Map.groupBy(troubled, ({ failure }) => `${failure.type} ${failure.what}`).values()].flatMap((group) =>
    group.slice(0, 1).map(({ failure }) =>
      need(
        group.map(({ key }) => key),
        failure,
      ),
    ),
  );

/** What has been stopped, by a person, by the clock or by a budget, and goes on only when somebody says so. */
const pauses = (status: ConvoyStatus, beads: readonly ReportedBead[]): readonly Need[] => {
  const paused = status.epics.filter((epic) => epic.paused !== undefined && isAtStake(epic));
  const reasons = [...Map.groupBy(paused, (epic) => epic.paused ?? '')].map(
    ([reason, epics]): Need => ({
      about: epics.map(({ epic }) => `${status.convoy}/${epic}`),
      type: 'Paused',
      what: `Nothing new starts: ${reason}`,
      evidence: '',
      next: /\bgt (resume|budget) .+$/.exec(reason)?.[0] ?? `gt resume ${status.convoy}`,
    }),
  );
  const parked = beads.filter(
    ({ state, key }) =>
      state === 'parked' && !paused.some(({ epic }) => key.startsWith(`${status.convoy}/${epic}/`)),
  );
  return [
    ...reasons,
    ...parked.map(
      ({ key }): Need => ({
        about: [key],
        type: 'Parked',
        what: 'The bead is parked, with its work on its branch.',
        evidence: '',
        next: `gt resume ${key}`,
      }),
    ),
  ];
};

const isAtStake = ({ beads, paused = '' }: EpicStatus): boolean =>
  !paused.startsWith('held:') &&
  (beads.length === 0 ||
    beads.some(({ state }) => !['landed', 'blocked', 'cancelled', 'held'].includes(state)));

const refusals = ({ host, closed }: HostStatus): readonly Need[] =>
  closed.filter(({ terminal }) => terminal).map(({ failure }) => need([`host ${host}`], failure));

/** The Refinery brings a person's own branch along where it can; elsewhere, or when it cannot, they take it over. */
const takeOvers = (
  { rig, target, takeOver }: ConvoyStatus['rigs'][number],
  beads: readonly ReportedBead[],
  refineries: readonly RefineryStatus[],
): readonly Need[] => {
  const landed = beads.some(
    (bead) => bead.rig === rig && bead.state === 'landed' && bead.commit !== undefined,
  );
  if (takeOver === undefined || !landed) return [];
  const what = `What landed in ${rig} is on ${target} and waits for you to take it over.`;
  const needed: Need = { about: [rig], type: 'TakeOver', what, evidence: '', next: takeOver };
  const queue = refineries.find((one) => one.rig === rig && one.target === target);
  if (queue?.upstream === undefined) return [needed];
  return queue.upstream.behind === undefined ? [] : [{ ...needed, ...queue.upstream.behind }];
};
