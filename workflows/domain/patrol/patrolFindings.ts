/** What a patrol finds odd, in words for the person: one letter about each thing. */
import { counted, duration } from '../amounts.ts';
import type { Failure } from '../failure.ts';
import { guestsOf, type PatrolBounds, type PatrolFacts, type Repair, repairsOf } from './patrol.ts';
import { type BeadPulse, type EpicPulse, mostNudges, type PatrolMemory, type PendingStep } from './pulse.ts';

export interface Finding {
  readonly about: string;
  /** The letter is over when this convoy is launched again; none for what is no convoy's. */
  readonly convoy?: string;
  readonly failure: Failure;
}

/** What a patrol does about what it has seen. */
export interface PatrolPlan {
  readonly repairs: readonly Repair[];
  /** Beads that are asked to hand over. */
  readonly nudges: readonly { readonly bead: string; readonly reason: string }[];
  readonly findings: readonly Finding[];
  readonly memory: PatrolMemory;
}

/** The rule of a patrol. `now` is epoch ms; `before`: what the last patrol remembered. */
export const planPatrol = (
  facts: PatrolFacts,
  bounds: PatrolBounds,
  before: PatrolMemory,
  now: number,
): PatrolPlan => {
  const { pulses } = facts;
  const silent = pulses.beads.filter((one) => isSilent(one, bounds));
  const nudged = silent.filter(({ bead }) => (before.nudges[bead] ?? 0) < mostNudges);
  const since = standing(facts, before, now);
  const findings = [
    ...silent.filter((one) => !nudged.includes(one)).map(silentBead),
    ...pulses.beads.filter((one) => !silent.includes(one)).flatMap((one) => stuckBead(one, bounds)),
    ...pulses.adrift.filter(({ ageMs }) => ageMs >= bounds.silentAfterMs).map(({ bead }) => adrift(bead)),
    ...pulses.hosts.flatMap((one) => silentHost(one, since, bounds, now)),
    ...pulses.epics
      .filter((one) => now - (since[standingEpic(one)] ?? now) >= 2 * bounds.silentAfterMs)
      .map(({ epic }) => staleEpic(epic)),
    ...guestsOf(facts, bounds).map(({ bead, guests }) => guestsIn(facts.rig, bead, guests)),
  ].slice(0, mostFindings);
  return {
    repairs: repairsOf(facts, bounds),
    nudges: nudged.map((one) => ({ bead: one.bead, reason: nudgeReason(one, before) })),
    findings,
    memory: {
      // A bead that is heard again begins anew.
      nudges: Object.fromEntries(
        silent.map(({ bead }) => [bead, Math.min(mostNudges, (before.nudges[bead] ?? 0) + 1)]),
      ),
      told: Object.fromEntries(findings.map(({ about, failure }) => [about, failure.type])),
      since,
    },
  };
};

/** Letters of the last patrol whose matter is over. */
export const overSince = (before: PatrolMemory, { findings }: PatrolPlan): readonly string[] =>
  Object.keys(before.told).filter((about) => !findings.some((one) => one.about === about));

/** Findings that the person has no letter about yet. What they have seen and cleared does not come back each patrol. */
export const newsOf = (before: PatrolMemory, { findings }: PatrolPlan): readonly Finding[] =>
  findings.filter(({ about, failure }) => before.told[about] !== failure.type);

/** The mailbox holds two hundred letters of all kinds. */
const mostFindings = 50;

/** A worker has the step, and beats no more. Waiting for a model or a place is not silence. */
const isSilent = ({ pending }: BeadPulse, { silentAfterMs }: PatrolBounds): boolean =>
  pending?.started === true && pending.quietMs >= silentAfterMs;

const nudgeReason = ({ bead, pending }: BeadPulse, before: PatrolMemory): string =>
  `the Witness has heard nothing of ${pending?.activity ?? 'its step'} for ${quiet(pending)} (${(before.nudges[bead] ?? 0) + 1} of ${mostNudges})`;

const quiet = (pending: PendingStep | undefined): string => duration(pending?.quietMs ?? 0);

const convoyOf = (bead: string): string => bead.split('/')[0] ?? '';

/** Since when hosts are down and epics idle. An epic's clock starts again when its board changes. */
const standing = ({ pulses }: PatrolFacts, before: PatrolMemory, now: number): Record<string, number> => {
  const hosts = pulses.hosts
    .filter(({ down }) => down !== undefined)
    .map(({ host }) => [`host ${host}`, before.since[`host ${host}`] ?? now] as const);
  const epics = pulses.epics
    .filter(({ idle }) => idle)
    .map((one) => [standingEpic(one), before.since[standingEpic(one)] ?? now] as const);
  return Object.fromEntries([...hosts, ...epics]);
};

const standingEpic = ({ epic, board }: EpicPulse): string => `epic ${epic} ${board}`;

const silentBead = ({ bead, pending }: BeadPulse): Finding => ({
  about: bead,
  convoy: convoyOf(bead),
  failure: {
    type: 'BeadSilent',
    what: `The bead has not been heard for ${quiet(pending)}, and ${mostNudges} requests to hand over brought nothing.`,
    evidence: `${pending?.activity ?? 'its step'}, attempt ${pending?.attempt ?? 0}: a worker has it and does not beat`,
    next: `Look at the worker's log in the logs folder of the home; then: gt stop ${bead} --now, and gt resume ${bead}`,
  },
});

const stuckBead = (
  { bead, pending, failedTasks }: BeadPulse,
  { silentAfterMs }: PatrolBounds,
): readonly Finding[] => {
  const evidence =
    failedTasks >= mostFailedTasks
      ? `its workflow task has failed ${failedTasks} times`
      : pending !== undefined &&
          !pending.started &&
          pending.quietMs >= silentAfterMs &&
          !pending.activity.startsWith('infer')
        ? `${pending.activity} has waited ${quiet(pending)} for a worker, attempt ${pending.attempt}`
        : undefined;
  if (evidence === undefined) return [];
  return [
    {
      about: bead,
      convoy: convoyOf(bead),
      failure: {
        type: 'BeadSilent',
        what: 'The bead does not go on, and asking it to hand over would not help.',
        evidence,
        next: 'See whether all workers run: gt status; their logs are in the logs folder of the home. Closing and opening the town (gt down, gt up) starts them anew.',
      },
    },
  ];
};

/** Temporal itself repeats a failed task at once; a few are a worker that was killed. */
const mostFailedTasks = 5;

const adrift = (bead: string): Finding => ({
  about: bead,
  convoy: convoyOf(bead),
  failure: {
    type: 'BeadSilent',
    what: 'The bead is open, and its epic is not: nobody waits for what it does.',
    evidence: `bead/${bead} runs, epic/${bead.split('/').slice(0, 2).join('/')} does not`,
    next: `Launch its convoy again, which finds the bead, or end it: gt cancel ${bead}`,
  },
});

const silentHost = (
  { host, quietMs, started, down }: PatrolFacts['pulses']['hosts'][number],
  since: Readonly<Record<string, number>>,
  { silentAfterMs }: PatrolBounds,
  now: number,
): readonly Finding[] => {
  const about = `host ${host}`;
  const next = `See it with: gt host check ${host}; the log of the hosts worker is in the logs folder of the home.`;
  if (quietMs === undefined || quietMs >= silentAfterMs) {
    const evidence =
      quietMs === undefined
        ? `host/${host} is not open`
        : `its lease ${started ? 'beat last' : 'has waited for a worker'} ${duration(quietMs)}${started ? ' ago' : ''}`;
    return [
      {
        about,
        failure: { type: 'HostSilent', what: `Nothing is heard of the host ${host}.`, evidence, next },
      },
    ];
  }
  const from = since[about];
  if (down === undefined || from === undefined || now - from < silentAfterMs) return [];
  const what = `The host ${host} has served no model for ${duration(now - from)}.`;
  return [
    {
      about,
      failure: { type: 'HostSilent', what, evidence: `${down.type}: ${down.what}\n${down.evidence}`, next },
    },
  ];
};

const staleEpic = (epic: string): Finding => ({
  about: epic,
  convoy: convoyOf(epic),
  failure: {
    type: 'EpicStale',
    what: 'The epic has beads to start, nothing holds it back, and nothing happens.',
    evidence: `epic/${epic}: no bead is at work, and its board has not changed`,
    next: `See it with: gt convoy status ${convoyOf(epic)}; starting anew helps: gt pause ${convoyOf(epic)}, then gt resume ${convoyOf(epic)}`,
  },
});

const guestsIn = (rig: string, bead: string, guests: number): Finding => ({
  about: `worktree ${bead}`,
  convoy: convoyOf(bead),
  failure: {
    type: 'LeftBehind',
    what: `A worktree of rig ${rig} has no bead any more, and ${counted(guests, 'process')} that the town did not start work in it.`,
    evidence: `rigs/${rig}/worktrees/${bead} in the home of the town`,
    next: 'Leave the folder (a shell that stands in it counts), and the next patrol removes it.',
  },
});
