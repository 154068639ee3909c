import { expectedArrivals, isLight } from './arrivals.ts';
import { badShareOf } from './learned.ts';
import { quarrelRateOf } from './overlap.ts';
import type { LiveRun, QueueState, Start, Waiting } from './queue.ts';

/** The queue as a plan looks at it, and the plan as far as it is made. */
export interface Sight {
  readonly state: QueueState;
  readonly byId: ReadonlyMap<number, Waiting>;
  /** The share of bad branches. */
  readonly share: number;
  readonly quarrelRate: number;
  /** Runs that go on. */
  readonly runs: readonly LiveRun[];
  readonly cancel: readonly number[];
  /** Branches taken for bad, since when. */
  readonly convicts: Map<number, number>;
  readonly start: Start[];
}

/** What is not yet known of a run's members. */
export const unknownIn = (
  byId: ReadonlyMap<number, Waiting>,
  members: readonly number[],
): readonly number[] => members.filter((id) => byId.get(id)?.clean === false);

export const sightOf = (state: QueueState): Sight => {
  const byId = new Map(state.waiting.map((one) => [one.id, one]));
  const convicts = new Map(
    state.waiting.flatMap(({ id, convictedAt }) => (convictedAt === undefined ? [] : [[id, convictedAt]])),
  );
  const cancelled = state.running.filter((run) => isVain(run, byId, convicts, state.policy.namesTests));
  return {
    ...{ state, byId, convicts, start: [] },
    share: badShareOf(state),
    quarrelRate: quarrelRateOf(state),
    runs: state.running.filter((run) => !cancelled.includes(run)),
    cancel: cancelled.map(({ id }) => id),
  };
};

export const freeSlots = ({ state, runs, start }: Sight): number => state.slots - runs.length - start.length;

/** Slots that guesses may take: under light load the others are kept for what arrives before a run ends. */
export const spareSlots = (sight: Sight): number => {
  const { state } = sight;
  return freeSlots(sight) - (isLight(state) ? expectedArrivals(state) : 0);
};

/** The chance that a branch is bad, as long as no run of it has failed. */
export const riskOf = ({ byId, share }: Sight, id: number): number => {
  const one = byId.get(id);
  return one?.risk ?? one?.prior ?? share;
};

/** The mass of a chance: masses of independent ones add up. */
export const massOf = (chance: number): number => -Math.log(1 - chance);

/** A run that will fail, or that can neither land nor tell anything. */
const isVain = (
  run: LiveRun,
  byId: ReadonlyMap<number, Waiting>,
  convicts: ReadonlyMap<number, number>,
  namesTests: boolean,
): boolean => {
  const [first] = run.members;
  if (first === undefined) return run.stale;
  if (run.members.length === 1) return !byId.has(first) || (byId.get(first)?.clean === true && run.stale);
  const gone = run.members.some((id) => !byId.has(id) && !run.landed.includes(id));
  // A group that fails by a convict still names what else fails.
  const tellsMore = namesTests && (run.purpose === 'screen' || run.purpose === 'split');
  if (!tellsMore && (gone || run.members.some((id) => convicts.has(id)))) return true;
  return run.stale && unknownIn(byId, run.members).length === 0;
};
