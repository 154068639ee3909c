import type { Outcome, QueueState, Run, Waiting } from './queue.ts';

/** Runs with so many branches that none before had told of: how many went well and ill, older ones with less weight. */
export interface Lesson {
  readonly size: number;
  readonly well: number;
  readonly ill: number;
}

/** What the queue has seen of its branches, to know how many are bad. */
export interface Learned {
  /** Whether they passed. */
  readonly screens: readonly Lesson[];
  /** Where runs name tests: whether they got as far as those. */
  readonly builds: readonly Lesson[];
  /** Overlapping pairs of which one landed after the other had proved good, and how many of those then quarrelled. */
  readonly quarrels?: { readonly pairs: number; readonly ill: number };
}

export const nothingLearned: Learned = { screens: [], builds: [] };

/** What a new lesson leaves of the older ones: some two hundred count. */
const remembered = 0.995;
/** Never nobody, never nearly half: there groups no longer pay. */
const leastShare = 0.003;
const mostShare = 0.45;
/** Before any run. */
const usualShare = 0.05;
const usualUnbuilt = 0.1;
/** Candidates for a share: the first, the ratio of neighbours, how many; and what is expected before anything is seen. */
const shares = { first: 0.004, ratio: 1.1, steps: 48 } as const;
const weightOfShare = { bad: 0.5, good: 18 } as const;
/** Of bad branches one in ten is expected to break the build. */
const weightOfUnbuilt = { bad: 0.5, good: 4.5 } as const;

/** Takes in how a run ended. */
export const learn = (
  learned: Learned,
  run: Run,
  outcome: Outcome,
  of: { readonly whole: boolean; readonly namesTests: boolean },
): Learned => {
  const passed = outcome.kind === 'passed';
  if (run.first === undefined || (!passed && !of.whole)) return learned;
  const named = outcome.kind === 'failed' && outcome.tests.length > 0;
  return {
    ...learned,
    screens: withLesson(learned.screens, run.first, passed),
    builds: of.namesTests ? withLesson(learned.builds, run.first, passed || named) : learned.builds,
  };
};

/** Takes in branches that landed, or that were sent back: who had proved good before quarrels with what landed since. */
export const learnQuarrels = (learned: Learned, gone: readonly Waiting[], isSentBack: boolean): Learned => {
  const overtaken = gone.filter(({ overtakenBy = 0 }) => overtakenBy > 0);
  if (overtaken.length === 0) return learned;
  const { pairs = 0, ill = 0 } = learned.quarrels ?? {};
  const more = overtaken.reduce((sum, { overtakenBy = 0 }) => sum + overtakenBy, 0);
  return {
    ...learned,
    quarrels: {
      pairs: pairs * remembered + more,
      ill: ill * remembered + (isSentBack ? overtaken.length : 0),
    },
  };
};

const withLesson = (lessons: readonly Lesson[], size: number, isWell: boolean): readonly Lesson[] => {
  const older = lessons.map((one) => ({
    size: one.size,
    well: one.well * remembered,
    ill: one.ill * remembered,
  }));
  const same = older.find((one) => one.size === size) ?? { well: 0, ill: 0 };
  const updated = { size, well: same.well + (isWell ? 1 : 0), ill: same.ill + (isWell ? 0 : 1) };
  return [...older.filter((one) => one.size !== size), updated];
};

/** The share of bad branches: as the policy says, or the likeliest one after all first screens, with few bad before any. */
export const badShareOf = ({ learned, policy }: QueueState): number => {
  const share =
    policy.badShare ?? likeliest(learned.screens, policy.flakeRate, weightOfShare, 1) ?? usualShare;
  return Math.min(mostShare, Math.max(leastShare, share));
};

/** The share of branches that break the build, so that a run with them names no test. */
export const unbuiltShareOf = (state: QueueState): number => {
  const { learned, policy } = state;
  const bad = badShareOf(state);
  return bad * (likeliest(learned.builds, policy.flakeRate, weightOfUnbuilt, bad) ?? usualUnbuilt);
};

/** The likeliest share after all lessons, of which a branch counts with `weight`. */
const likeliest = (
  lessons: readonly Lesson[],
  flakeRate: number,
  prior: { readonly bad: number; readonly good: number },
  weight: number,
): number | undefined => {
  let best = -Infinity;
  let found: number | undefined;
  if (lessons.length === 0) return found;
  for (let step = 0; step < shares.steps; step++) {
    const share = Math.min(shares.first * shares.ratio ** step * (weight < 1 ? 2.8 : 1), 0.99);
    let likelihood = Math.log(share) * prior.bad + prior.good * Math.log(1 - share);
    for (const { size, well, ill } of lessons) {
      const goesWell = (1 - share * weight) ** size * (1 - flakeRate);
      likelihood += well * Math.log(goesWell) + ill * Math.log(1 - goesWell);
    }
    if (likelihood <= best) continue;
    best = likelihood;
    found = share;
  }
  return found;
};
