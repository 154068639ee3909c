/** The truth about branches, fixed before any policy runs. Times are in T, the mean length of a test. */
import { evenly, hash } from './chance.ts';

/** What a branch that breaks the build names as its failing test: none. */
export const breaksBuild = -1;

export interface WorldBranch {
  readonly arrivesAt: number;
  readonly bad: boolean;
  /** The test that it breaks when it is bad, or `breaksBuild`. */
  readonly breaks: number;
  /** Areas that it touches. */
  readonly areas: readonly number[];
  /** Stands for its content: what main contains is the sum of these. */
  readonly key: number;
  /** Branches that merge with it, and break a test together with it. */
  readonly quarrels: readonly { readonly other: number; readonly breaks: number }[];
  /** Branches that do not merge with it; everybody knows them. */
  readonly conflicts: readonly number[];
  readonly priority?: number;
}

export interface World {
  readonly seed: number;
  readonly branches: readonly WorldBranch[];
  /** How many tests there are, and to which area each belongs. */
  readonly tests: number;
  areaOf(test: number): number | undefined;
  /** What a planner may be told: shares of bad branches, and of overlapping pairs that quarrel. */
  readonly badShare: number;
  readonly quarrelRate: number;
  /** Chance that a run fails by itself. */
  readonly flakeRate: number;
  /** Spread of the lengths of tests (standard deviation of the logarithm); 0: all take 1 T. */
  readonly sigma: number;
}

export interface WorldShape {
  readonly seed: number;
  readonly branches: number;
  readonly bad: number;
  readonly semantic?: number;
  readonly textual?: number;
  readonly flake?: number;
  /** Share of bad branches that break the build, so that a run with them names no test. */
  readonly masking?: number;
  /** Arrivals per T (Poisson); undefined: all at once. */
  readonly rate?: number | undefined;
  readonly sigma?: number;
}

const testsPerArea = 20;
const areas = 40;
const areasPerBranch = 2;
/** A bad branch breaks a test of its own areas with this probability, else one of any. */
const breaksOwn = 0.8;

export const worldOf = (shape: WorldShape): World => {
  const { seed, bad, semantic = 0, textual = 0, flake = 0, sigma = 0 } = shape;
  const alone = aloneOf(shape);
  const quarrels = alone.map((): { other: number; breaks: number }[] => []);
  const conflicts = alone.map((): number[] => []);
  if (semantic > 0 || textual > 0) {
    forPairs(alone, (i, j) => {
      if (evenly(seed, i, j, 21) < textual) {
        conflicts[i]?.push(j);
        conflicts[j]?.push(i);
      } else if (evenly(seed, i, j, 22) < semantic) {
        quarrels[i]?.push({ other: j, breaks: brokenBy(seed, alone, i, j) });
        quarrels[j]?.push({ other: i, breaks: brokenBy(seed, alone, j, i) });
      }
    });
  }
  return {
    ...{ seed, badShare: bad, quarrelRate: semantic, flakeRate: flake, sigma },
    tests: areas * testsPerArea,
    areaOf: (test) => Math.floor(test / testsPerArea),
    branches: alone.map((branch, i) => ({
      ...branch,
      quarrels: quarrels[i] ?? [],
      conflicts: conflicts[i] ?? [],
    })),
  };
};

type Alone = Omit<WorldBranch, 'quarrels' | 'conflicts'>;

const aloneOf = ({ seed, branches, bad, rate, masking = 0 }: WorldShape): readonly Alone[] => {
  let arrivesAt = 0;
  return Array.from({ length: branches }, (_, i) => {
    const touched = new Set<number>();
    for (let draw = 0; touched.size < areasPerBranch; draw++) {
      // The product of two makes some areas busier than others.
      touched.add(Math.floor(areas * evenly(seed, i, 12, draw) * evenly(seed, i, 13, draw)));
    }
    const own = [...touched];
    if (rate !== undefined && rate > 0) arrivesAt -= Math.log(evenly(seed, i, 14)) / rate;
    const area =
      evenly(seed, i, 16) < breaksOwn
        ? (own[hash(seed, i, 17) % areasPerBranch] ?? 0)
        : hash(seed, i, 18) % areas;
    return {
      ...{ arrivesAt, areas: own, bad: evenly(seed, i, 11) < bad, key: hash(seed, i, 15) },
      breaks:
        evenly(seed, i, 20) < masking
          ? breaksBuild
          : area * testsPerArea + (hash(seed, i, 19) % testsPerArea),
    };
  });
};

export const overlap = (a: Pick<WorldBranch, 'areas'>, b: Pick<WorldBranch, 'areas'>): boolean =>
  a.areas.some((area) => b.areas.includes(area));

const forPairs = (alone: readonly Alone[], see: (i: number, j: number) => void): void => {
  alone.forEach((one, i) => {
    for (let j = i + 1; j < alone.length; j++) if (overlap(one, alone[j] as Alone)) see(i, j);
  });
};

/** The test that a pair breaks belongs to the first area of one that the other one touches, too. */
const brokenBy = (seed: number, alone: readonly Alone[], i: number, j: number): number => {
  const shared = alone[i]?.areas.find((area) => alone[j]?.areas.includes(area)) ?? 0;
  return shared * testsPerArea + (hash(seed, Math.min(i, j), Math.max(i, j)) % testsPerArea);
};
