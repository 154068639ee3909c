import { type Component, componentsOf, openRuns } from './components.ts';
import { pack } from './pack.ts';
import { riskOf, type Sight } from './sight.ts';
import { type Split, splitOf } from './split.ts';

/** A component and the best split of it. */
export interface Suspects {
  component: Component;
  split: Split;
}

/** What there is to test, sorted by what is known of it. */
export interface Work {
  /** Known to be good, in order of arrival. */
  readonly good: readonly number[];
  /** Whether all that is good may ride on every test: then a test that passes lands it, too. */
  readonly rides: boolean;
  readonly carried: readonly number[];
  /** Seen by no run, the next ones first. */
  fresh: readonly number[];
  readonly suspected: ReadonlySet<number>;
  readonly suspects: Suspects[];
}

/** The mass of quarrels up to which what is good rides along. */
const mostRidden = 0.08;
/** A run may fail by itself, and by quarrels that nobody foresaw. */
const leastFlake = 0.002;
const unforeseen = 0.03;

export const workOf = (sight: Sight): Work => {
  const { state, convicts } = sight;
  const inCut = new Set(state.cut?.members);
  const good = state.waiting.filter(({ id, clean }) => clean && !inCut.has(id)).map(({ id }) => id);
  const all = pack(sight, good, { mass: Infinity });
  const rides = all.mass <= mostRidden;
  const suspected = new Set(state.suspicions.flatMap(({ members }) => members));
  const running = openRuns(sight);
  const seen = new Set([...inCut, ...suspected, ...convicts.keys(), ...running.flat()]);
  const failed = state.suspicions.map(({ members }) => members);
  return {
    ...{ good, rides, carried: rides ? all.members : [], suspected },
    fresh: inTurn(
      sight,
      state.waiting.filter(({ id, clean }) => !clean && !seen.has(id)).map(({ id }) => id),
    ),
    suspects: componentsOf(failed, running).map((component) => ({
      component,
      split: splitFor(sight, component),
    })),
  };
};

export const splitFor = (
  sight: Sight,
  component: Component,
  risk = (id: number): number => riskOf(sight, id),
): Split => {
  const { policy } = sight.state;
  const flake = Math.max(leastFlake, policy.flakeRate + (sight.quarrelRate > 0 ? unforeseen : 0));
  return splitOf(component, risk, flake);
};

/** Who has waited for so many usual runs goes before any priority. */
const longestWait = 20;

/** By priority, then by risk where risks differ, then by arrival. */
const inTurn = (sight: Sight, ids: readonly number[]): readonly number[] => {
  const { byId, state } = sight;
  const old = state.now - longestWait * state.policy.usualRun;
  const priority = (id: number): number => {
    const one = byId.get(id);
    return (one?.arrivedAt ?? 0) < old ? Infinity : (one?.priority ?? 0);
  };
  const byRisk =
    sight.quarrelRate > 0 ? (a: number, b: number) => riskOf(sight, a) - riskOf(sight, b) : () => 0;
  return ids.toSorted((a, b) => compare(priority(b), priority(a)) || byRisk(a, b) || a - b);
};

/** Infinite ones are equal. */
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);
