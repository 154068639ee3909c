import type { NamedFailure } from './attribution.ts';
import type { Waiting } from './queue.ts';
import { massOf, riskOf, type Sight } from './sight.ts';

/** A branch breaks a test of its own areas so often, else one of any. */
const breaksOwn = 0.8;
/** The weight that is left of a suspect by a run with it that did not show the test. */
const shownNot = 0.001;
/** The same where good branches quarrel. */
const shownNotQuarrelling = 0.05;
/** And by a run without it that did show the test: another one may break it, too. */
const shownWithout = 0.1;
const mostWithout = 3;
const mostSilent = 20;
/** A chance below this is none. */
const negligible = 1e-9;
/** A suspect at least this likely accounts for the test. */
const accountsAt = 0.9;
/** Failures by nobody, for a rate of flakes, spread over many tests. */
const flakesOfTest = 1e-3;
const leastFlake = 1e-12;

export interface Accusations {
  /** The chance that a branch is bad, by the tests that failed with it. */
  readonly chance: ReadonlyMap<number, number>;
  /** Who accounts for which test, nearly certainly. */
  readonly accounts: readonly { readonly branch: number; readonly test: string }[];
}

/** The runs in which a test shows are a code word that names its culprit. */
export const accusationsOf = (sight: Sight): Accusations => {
  const { state, byId, convicts } = sight;
  const { failures, explained } = state.attribution;
  const suspects = state.waiting.filter(({ id, clean }) => !clean && !convicts.has(id));
  const places = placesIn(failures, suspects);
  const runs = new Uint16Array(suspects.length);
  for (const list of places) count(runs, list);
  const accounted = new Map(
    explained.map(({ test, branches }) => [test, branches.filter((id) => byId.get(id)?.clean !== true)]),
  );
  const members = failures.map((failure) => new Set(failure.members));
  const odds = oddsOf(sight, suspects);
  const innocent = new Float64Array(suspects.length);
  const accounts: { branch: number; test: string }[] = [];
  for (const [test, { area, shown }] of byTest(failures)) {
    const known = accounted.get(test) ?? [];
    const open = known.length === 0 ? shown : shown.filter((at) => !known.some((id) => members[at]?.has(id)));
    if (open.length === 0) continue;
    const hits = new Uint16Array(suspects.length);
    for (const at of shown) count(hits, places[at]);
    const openHits = open === shown ? hits : new Uint16Array(suspects.length);
    if (open !== shown) for (const at of open) count(openHits, places[at]);
    const weights = new Float64Array(suspects.length);
    let total = Math.max(leastFlake, state.policy.flakeRate * flakesOfTest);
    for (let place = 0; place < suspects.length; place++) {
      const hit = openHits[place] ?? 0;
      if (hit === 0) continue;
      const without = Math.min(mostWithout, open.length - hit);
      const silent = Math.min(mostSilent, Math.max(0, (runs[place] ?? 0) - (hits[place] ?? 0)));
      const weight = odds.of(place, area) * (odds.without[without] ?? 0) * (odds.silent[silent] ?? 0);
      weights[place] = weight;
      total += weight;
    }
    for (let place = 0; place < suspects.length; place++) {
      const chance = Math.min((weights[place] ?? 0) / total, 1 - 1e-12);
      if (chance < negligible) continue;
      innocent[place] = (innocent[place] ?? 0) + massOf(chance);
      if (chance > accountsAt) accounts.push({ branch: suspects[place]?.id ?? -1, test });
    }
  }
  const chance = new Map<number, number>();
  innocent.forEach((mass, place) => {
    if (mass > 0) chance.set(suspects[place]?.id ?? -1, 1 - Math.exp(-mass));
  });
  return { chance, accounts };
};

/** For each failed run the places of those suspects of whom its result still tells. */
const placesIn = (
  failures: readonly NamedFailure[],
  suspects: readonly Waiting[],
): readonly (readonly number[])[] => {
  const placeOf = new Map(suspects.map(({ id }, place) => [id, place]));
  return failures.map(({ members, landings }) => {
    const places: number[] = [];
    for (const id of members) {
      const place = placeOf.get(id);
      if (place !== undefined && landings >= (suspects[place]?.since ?? 0)) places.push(place);
    }
    return places;
  });
};

const oddsOf = (sight: Sight, suspects: readonly Waiting[]) => {
  const areas = new Set(sight.state.waiting.flatMap(({ footprint }) => footprint ?? [])).size;
  const eps = sight.quarrelRate > 0 ? shownNotQuarrelling : shownNot;
  const risks = suspects.map(({ id }) => riskOf(sight, id));
  return {
    of: (place: number, area: number | undefined): number =>
      (risks[place] ?? 0) * share(suspects[place]?.footprint, area, areas),
    without: Array.from({ length: mostWithout + 1 }, (_, runs) => shownWithout ** runs),
    silent: Array.from({ length: mostSilent + 1 }, (_, runs) => eps ** runs),
  };
};

/** How likely a bad branch breaks a test of this area rather than another. */
const share = (footprint: readonly number[] | undefined, area: number | undefined, areas: number): number => {
  if (footprint === undefined || area === undefined) return 1 / Math.max(1, areas);
  return footprint.includes(area)
    ? breaksOwn / footprint.length
    : (1 - breaksOwn) / Math.max(1, areas - footprint.length);
};

const count = (counts: Uint16Array, places: readonly number[] = []): void => {
  for (const place of places) counts[place] = (counts[place] ?? 0) + 1;
};

/** For each test the places of the runs that showed it. */
const byTest = (failures: readonly NamedFailure[]) => {
  const found = new Map<string, { area: number | undefined; shown: number[] }>();
  failures.forEach(({ tests }, at) => {
    for (const { name, area } of tests) {
      const one = found.get(name) ?? { area, shown: [] };
      found.set(name, one);
      one.shown.push(at);
    }
  });
  return found;
};
