/** Tiers that the town knows the order of: what a bead asks for is served by the same tier or a higher one. */

export const knownTiers = ['quick', 'standard', 'deep', 'cloud'] as const;
export type KnownTier = (typeof knownTiers)[number];

/** From 0; undefined for a tier with a name of the person's own, which stands beside the others. */
export const tierRank = (tier: string): number | undefined => {
  const rank = knownTiers.indexOf(tier as KnownTier);
  return rank < 0 ? undefined : rank;
};

/** What a plan says of a bead, as far as its size shows. */
export interface Sized {
  readonly task: string;
  readonly files: readonly string[];
  readonly needs: readonly string[];
  readonly output?: 'report';
}

const shortTask = 400;
const longTask = 4_000;
const manyFiles = 6;

/**
 * The tier of a bead that names none, by its plan alone. It may be wrong at little cost: what fails its gates goes on to the next
 * tier, so that verification escalates and not a prediction.
 */
export const inferTier = ({ task, files }: Sized): KnownTier => {
  if (task.length > longTask || files.length > manyFiles) return 'deep';
  return task.length <= shortTask && files.length <= 1 ? 'quick' : 'standard';
};
