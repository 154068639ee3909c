/** What is told by a test about pieces of work, any of which may hold a culprit, while other tests of them run. */

/** Bits that the answer to a question with this chance tells. */
export const entropy = (chance: number): number =>
  chance <= 0 || chance >= 1 ? 0 : -(chance * Math.log2(chance) + (1 - chance) * Math.log2(1 - chance));

/** Running tests beyond these are not foreseen: each doubles the outcomes. */
export const mostForeseen = 6;

export interface Pieces {
  /** For each piece the chance that it is good. */
  readonly good: readonly number[];
  /** For each failed run the pieces that it held, as bits. */
  readonly failed: readonly number[];
  /** For each run under way likewise. */
  readonly running: readonly number[];
  /** The chance of a failure without a culprit. */
  readonly flake: number;
}

/** All combinations of dirty pieces, each a number whose bits are the dirty ones. */
export interface States {
  readonly pieces: number;
  readonly chance: Float64Array;
  /** The outcome of the runs under way, as bits, in each state. */
  readonly outcome: Uint8Array;
  readonly outcomeChance: Float64Array;
}

export const statesOf = ({ good, failed, running, flake }: Pieces): States => {
  const pieces = good.length;
  const count = 1 << pieces;
  const chance = new Float64Array(count);
  const outcome = new Uint8Array(count);
  const seen = running.slice(0, mostForeseen);
  const outcomeChance = new Float64Array(1 << seen.length);
  chance[0] = good.reduce((product, one) => product * one, 1);
  for (let piece = 0; piece < pieces; piece++) {
    const odds = (1 - (good[piece] ?? 1)) / (good[piece] ?? 1);
    for (let rest = 0; rest < 1 << piece; rest++) chance[rest | (1 << piece)] = (chance[rest] ?? 0) * odds;
  }
  let total = 0;
  for (let state = 0; state < count; state++) {
    let weight = chance[state] ?? 0;
    for (const set of failed) if ((state & set) === 0) weight *= flake;
    chance[state] = weight;
    total += weight;
    let bits = 0;
    for (let at = 0; at < seen.length; at++) if ((state & (seen[at] ?? 0)) !== 0) bits |= 1 << at;
    outcome[state] = bits;
  }
  for (let state = 0; state < count; state++) {
    const share = (chance[state] ?? 0) / total;
    chance[state] = share;
    const bits = outcome[state] ?? 0;
    outcomeChance[bits] = (outcomeChance[bits] ?? 0) + share;
  }
  return { pieces, chance, outcome, outcomeChance };
};

/** Bits that a test of the pieces tells beyond what the runs under way will. */
export const bitsOf = ({ pieces, chance, outcome, outcomeChance }: States, tested: number): number => {
  const passes = new Float64Array(outcomeChance.length);
  const others = ((1 << pieces) - 1) & ~tested;
  // Every subset of the others, from all of them down to none.
  for (let state = others; ; state = (state - 1) & others) {
    const bits = outcome[state] ?? 0;
    passes[bits] = (passes[bits] ?? 0) + (chance[state] ?? 0);
    if (state === 0) break;
  }
  let bits = 0;
  outcomeChance.forEach((of, at) => {
    if (of > 1e-12) bits += of * entropy((passes[at] ?? 0) / of);
  });
  return bits;
};

/** For each piece the chance that it is dirty. */
export const dirtyChances = ({ pieces, chance }: States): readonly number[] => {
  const dirty = Array.from({ length: pieces }, () => 0);
  chance.forEach((share, state) => {
    for (let piece = 0; piece < pieces; piece++) {
      if ((state & (1 << piece)) !== 0) dirty[piece] = (dirty[piece] ?? 0) + share;
    }
  });
  return dirty;
};

/** The likeliest states, the likeliest first. */
export const likeliest = ({ chance }: States, count: number): readonly number[] => {
  const best: number[] = [];
  chance.forEach((share, state) => {
    if (best.length === count && share <= (chance[best.at(-1) ?? 0] ?? 0)) return;
    const place = best.findIndex((other) => share > (chance[other] ?? 0));
    best.splice(place < 0 ? best.length : place, 0, state);
    best.length = Math.min(best.length, count);
  });
  return best;
};
