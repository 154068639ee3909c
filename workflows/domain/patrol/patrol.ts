/**
 * What the Witness makes of what a patrol has seen: what is provably dead, what only looks odd, and whom to nudge. Facts of
 * the disk are taken before facts of the workflows: what began in between has an owner by the second look.
 */
import type { Pulses } from './pulse.ts';

/** What lies on the disk and in git for one rig. Ages in ms, at the moment of the look. */
export interface RigFacts {
  readonly worktrees: readonly FoundWorktree[];
  readonly branches: readonly FoundBranch[];
  /** Test slots whose holder is dead, by number; `holder` is the blob that says who it was. */
  readonly slots: readonly { readonly slot: number; readonly holder: string }[];
  /** Sandbox runs of workers that are dead, and how many of their processes are left. */
  readonly runs: readonly { readonly run: string; readonly processes: number }[];
  /** Lock files of git and half-made registrations, by their path in the repository. */
  readonly obstacles: readonly { readonly path: string; readonly ageMs: number }[];
  /** Folders that an earlier patrol took out of their place and did not get to remove. */
  readonly aside: readonly string[];
}

export interface FoundWorktree {
  /** CONVOY/EPIC/BEAD. */
  readonly bead: string;
  readonly ageMs: number;
  /** Processes that work in it and are no run of the town's. */
  readonly guests: number;
}

export interface FoundBranch {
  readonly bead: string;
  readonly head: string;
  readonly ageMs: number;
  /** Nothing beyond its base, exactly what has landed, or work that is nowhere else. */
  readonly holds: 'nothing' | 'landed' | 'work';
}

/** Who owns what lies there. */
export interface Owner {
  readonly state: 'open' | 'ended' | 'unknown';
  /** How long ago it ended, ms. */
  readonly endedMs?: number;
  /** It ended by a cap, and whoever raises that goes on with the branch. */
  readonly keepsBranch?: boolean;
}

export type Repair =
  | { readonly kind: 'worktree'; readonly bead: string }
  /** `keep`: its work becomes a kept ref. */
  | { readonly kind: 'branch'; readonly bead: string; readonly head: string; readonly keep: boolean }
  | { readonly kind: 'slot'; readonly slot: number; readonly holder: string }
  | { readonly kind: 'runs' }
  | { readonly kind: 'obstacles' }
  | { readonly kind: 'aside' };

/** Everything that one patrol knows. */
export interface PatrolFacts {
  readonly rig: string;
  readonly found: RigFacts;
  readonly owners: Readonly<Record<string, Owner>>;
  readonly pulses: Pulses;
}

export interface PatrolBounds {
  /** Silence of so many ms is not normal. */
  readonly silentAfterMs: number;
  /** What is younger, or has lost its owner more recently, is left alone: somebody may be about to clean it up. */
  readonly leaveAloneMs: number;
}

/** What of the disk and of git is provably dead. */
export const repairsOf = (
  { found, owners }: Pick<PatrolFacts, 'found' | 'owners'>,
  { leaveAloneMs }: PatrolBounds,
): readonly Repair[] => {
  const isDead = (one: { readonly bead: string; readonly ageMs: number }): boolean => {
    const owner = owners[one.bead];
    if (owner === undefined || owner.state === 'open') return false;
    return one.ageMs >= leaveAloneMs && (owner.endedMs ?? Number.POSITIVE_INFINITY) >= leaveAloneMs;
  };
  return [
    ...found.worktrees
      .filter((one) => isDead(one) && one.guests === 0)
      .map(({ bead }): Repair => ({ kind: 'worktree', bead })),
    ...found.branches
      .filter((one) => isDead(one) && owners[one.bead]?.keepsBranch !== true)
      .map(({ bead, head, holds }): Repair => ({ kind: 'branch', bead, head, keep: holds === 'work' })),
    ...found.slots.map(({ slot, holder }): Repair => ({ kind: 'slot', slot, holder })),
    ...(found.runs.length > 0 ? [{ kind: 'runs' } as const] : []),
    ...(found.obstacles.some(({ ageMs }) => ageMs >= leaveAloneMs) ? [{ kind: 'obstacles' } as const] : []),
    ...(found.aside.length > 0 ? [{ kind: 'aside' } as const] : []),
  ];
};

/** Orphaned worktrees that somebody is in: a person may look around there, so it is theirs to say. */
export const guestsOf = (
  { found, owners }: Pick<PatrolFacts, 'found' | 'owners'>,
  { leaveAloneMs }: PatrolBounds,
): readonly FoundWorktree[] =>
  found.worktrees.filter(({ bead, guests, ageMs }) => {
    const state = owners[bead]?.state;
    return guests > 0 && ageMs >= leaveAloneMs && (state === 'ended' || state === 'unknown');
  });
