import type { Branch, LandedBranch, QueueState } from './queue.ts';

const mostRisk = 0.5;
/** Footprints are not the whole truth: what is near enough to quarrel is never quite without risk. */
const leastRisk = 0.002;

interface Footed {
  readonly footprint?: readonly number[] | undefined;
}

/** Whether two branches touch a common area; one of unknown footprint touches all. */
export const overlap = (a: Footed, b: Footed): boolean =>
  a.footprint === undefined ||
  b.footprint === undefined ||
  a.footprint.some((area) => b.footprint?.includes(area));

/** What is expected before anything is seen. Never none: whoever plans with that finds every quarrel anew. */
const before = { ill: 0.4, pairs: 200 } as const;

/** Random halves of branches that nobody expects to quarrel never find out who does, so a learned share is never none. */
const leastLearnt = 0.0005;

/** The share of overlapping pairs that quarrel: as the policy says, or as those did of which one landed before the other. */
export const quarrelShareOf = ({ policy, learned }: QueueState): number => {
  const { ill = 0, pairs = 0 } = learned.quarrels ?? {};
  const learnt = (ill + before.ill) / (pairs + before.pairs);
  return policy.quarrelRate ?? Math.max(learnt, leastLearnt);
};

/** The rate of quarrels to plan with: half of what is measured, since counts by area count some pairs twice. */
export const quarrelRateOf = (state: QueueState): number => quarrelShareOf(state) / 2;

/** How many of these touch what a branch touches. */
export const nearOf = (one: Branch, landed: readonly LandedBranch[]): number =>
  landed.filter((other) => overlap(one, other)).length;

/** The chance that a good branch is broken by what landed; 0 where nothing of that overlaps with it. */
export const quarrelRisk = (state: QueueState, one: Branch, landed: readonly LandedBranch[]): number => {
  const rate = quarrelRateOf(state);
  if (rate === 0) return 0;
  const near = nearOf(one, landed);
  return near === 0 ? 0 : Math.min(mostRisk, 1 - Math.exp(-rate * near) + leastRisk);
};
