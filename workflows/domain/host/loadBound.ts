/** How long a load may hold its host: a server that never ends one says nothing of it. All times are ms. */

/** What is known of the loads of a model on a host. */
export interface LoadsSeen {
  /** What a person has said that one takes. */
  readonly configuredMs: number | undefined;
  /** The longest that was measured. */
  readonly measuredMs: number | undefined;
  /** Loads that did not end in time, since one did. */
  readonly missed: number;
}

export interface LoadLimits {
  /** No load is given less. */
  readonly leastMs: number;
  /** What a load gets of which nothing is known, and the most of one of which something is, unless it is known to be slow. */
  readonly usualMs: number;
  /** No load is given more. */
  readonly mostMs: number;
}

/** A load that takes longer than this comes to nothing, as far as anybody knows. */
const times = 4;
/** Of what is known to take long: other weights of the same size may come from a colder disk. */
const slowTimes = 2;

/**
 * After how long a load is given up, so that its host goes on with another model. Each miss in a row doubles it, since it may have
 * been the bound that was wrong; up to a limit, since the others wait meanwhile.
 */
export const loadBound = (
  { configuredMs, measuredMs, missed }: LoadsSeen,
  { leastMs, usualMs, mostMs }: LoadLimits,
): number => {
  const known = Math.max(configuredMs ?? 0, measuredMs ?? 0);
  const ceiling = known === 0 ? mostMs : Math.max(usualMs, known * slowTimes);
  const first = known === 0 ? usualMs : Math.max(leastMs, known * times);
  return Math.min(first * 2 ** missed, ceiling, mostMs);
};

/** From here on a try costs the others a sixteenth of their time: whoever mends the server should not wait longer. */
const mostDoublings = 4;

/**
 * How long a model rests whose load has failed on a host that other models use: tries take a part of their time, a smaller
 * one after each failure in a row. `costMs` is what the try has taken from them.
 */
export const restAfterLoad = (costMs: number, failures: number, mostMs: number): number =>
  Math.min(costMs * 2 ** Math.min(failures, mostDoublings), mostMs);
