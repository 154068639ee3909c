import { quarrelShareOf } from './overlap.ts';
import type { Conviction, FailingTest, LiveRun, QueueState, Waiting } from './queue.ts';
import type { Sight } from './sight.ts';

/** What failing tests say of branches. */
export interface Attribution {
  /** Runs that built and failed, oldest first. */
  readonly failures: readonly NamedFailure[];
  /** Branches that account for a test by themselves, the ones that were sent back among them. */
  readonly explained: readonly { readonly test: string; readonly branches: readonly number[] }[];
}

/** A run that named its failing tests. */
export interface NamedFailure {
  readonly landings: number;
  /** Everybody who was in, as far as not all is known of them. */
  readonly members: readonly number[];
  readonly tests: readonly FailingTest[];
}

export const noAttribution: Attribution = { failures: [], explained: [] };

/** A run named its failing tests: its members build, and some of them break these. */
export const afterNamed = (
  state: QueueState,
  run: LiveRun,
  live: readonly number[],
  tests: readonly FailingTest[],
): QueueState => {
  const members = new Set(live);
  const areas = new Set(tests.flatMap(({ area }) => area ?? []));
  const touches = (one: Waiting): boolean =>
    one.footprint === undefined || one.footprint.some((area) => areas.has(area));
  const quarrels = quarrelShareOf(state) > 0;
  const later = quarrels && isUnion(run) ? laterHalf(state, members, touches) : new Set<number>();
  const [alone] = run.members;
  const { attribution } = state;
  return {
    ...state,
    attribution: {
      failures: [
        ...attribution.failures,
        { landings: run.landings, members: run.members, tests: distinct(tests) },
      ],
      explained:
        run.members.length === 1 && alone !== undefined
          ? explainedBy(
              attribution,
              tests.map(({ name }) => ({ branch: alone, test: name })),
            ).explained
          : attribution.explained,
    },
    waiting: state.waiting.map((one) => {
      if (!members.has(one.id)) return one;
      const held = later.has(one.id) ? { heldAt: state.landings } : {};
      // Good alone, and perhaps not together: which of them is asked again.
      const clean = one.clean && !(quarrels && touches(one));
      return { ...one, ...held, clean, builds: true, seen: (one.seen ?? 0) + 1 };
    }),
  };
};

const distinct = (tests: readonly FailingTest[]): readonly FailingTest[] => [
  ...new Map(tests.map((one) => [one.name, one])).values(),
];

/**
 * Runs that failed although nobody in them is accused: sets of undecided branches with a culprit among them. A confirm must not hold
 * the whole of one.
 */
export const unmet = (sight: Sight): readonly (readonly number[])[] => {
  const { byId, convicts, state } = sight;
  const { failures, explained } = state.attribution;
  const accused = new Set([...convicts.keys(), ...explained.flatMap(({ branches }) => branches)]);
  return failures
    .filter(({ members }) => !members.some((id) => accused.has(id)))
    .map(({ members }) => members.filter((id) => byId.get(id)?.clean === false));
};

const isUnion = ({ purpose }: LiveRun): boolean => purpose === 'confirm' || purpose === 'union';

const laterHalf = (
  { waiting }: QueueState,
  members: ReadonlySet<number>,
  touches: (one: Waiting) => boolean,
): ReadonlySet<number> => {
  const touching = waiting.filter(
    (one) => members.has(one.id) && one.convictedAt === undefined && touches(one),
  );
  return new Set(touching.slice(Math.max(1, touching.length >> 1)).map(({ id }) => id));
};

/** Takes in who accounts for which test. */
export const explainedBy = (attribution: Attribution, convictions: readonly Conviction[]): Attribution => {
  const byTest = new Map(attribution.explained.map(({ test, branches }) => [test, branches]));
  for (const { branch, test } of convictions) {
    if (test === undefined) continue;
    const known = byTest.get(test) ?? [];
    if (!known.includes(branch)) byTest.set(test, [...known, branch]);
  }
  return { ...attribution, explained: [...byTest].map(([test, branches]) => ({ test, branches })) };
};

/** Who proved good accounts for nothing; a run of which all is known says nothing more. */
export const forgotten = (state: QueueState): QueueState => {
  const { failures, explained } = state.attribution;
  if (failures.length === 0 && explained.length === 0) return state;
  const good = new Set(state.landed.map(({ id }) => id));
  const open = new Set<number>();
  const asked = new Set<number>();
  for (const { id, clean, convictedAt } of state.waiting) {
    (clean ? good : open).add(id);
    if (!clean && convictedAt === undefined) asked.add(id);
  }
  const left = explained
    .map((one) => ({ ...one, branches: one.branches.filter((id) => !good.has(id)) }))
    .filter(({ branches }) => branches.length > 0);
  const accused = new Set(left.flatMap(({ branches }) => branches));
  return {
    ...state,
    attribution: {
      explained: left,
      failures: failures
        .filter(({ members }) => members.some((id) => asked.has(id)))
        .map((one) => ({ ...one, members: one.members.filter((id) => open.has(id) || accused.has(id)) })),
    },
  };
};
