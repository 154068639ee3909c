/**
 * Lengths that calls may have, for plans that are tried against several courses of things. They are drawn evenly about the mean, by
 * numbers that depend on nothing but the call and the draw: the same state gives the same plan, and two plans meet the same course.
 */

/** What is taken for the spread of lengths that nobody has seen. */
export const usualSpread = 0.35;

const size = 1_024;

/** Evenly spread numbers between -1 and 1 (mulberry32). */
const deviations = ((): Float64Array => {
  const numbers = new Float64Array(size);
  let state = 20_260_101;
  for (let index = 0; index < size; index++) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    numbers[index] = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  }
  return numbers;
})();

/** Where a call's length lies in a draw, from -1 to 1; 0 in the draw 0, which is the means. Every other draw mirrors the one before. */
export const deviationIn = (draw: number, stage: number, callsLeft: number): number => {
  if (draw === 0) return 0;
  const pair = (draw + 1) >> 1;
  const number = deviations[(stage * 37 + callsLeft * 101 + pair * 389) & (size - 1)] as number;
  return (draw & 1) === 1 ? number : -number;
};

const widest = Math.sqrt(3);

/** The length of a call that begins. */
export const lengthMs = (meanMs: number, spread: number, deviation: number): number =>
  meanMs * Math.max(0.05, 1 + spread * widest * deviation);

/**
 * How much longer a call runs that has run for so long. In a draw: what is left of a length that it can still have. One that has
 * outlasted all of them needs a little more each time that one looks.
 */
export const remainingMs = (meanMs: number, spread: number, deviation: number, elapsedMs: number): number => {
  const elapsed = Math.max(0, elapsedMs);
  const longest = meanMs * (1 + spread * widest);
  const shortest = Math.max(elapsed, meanMs * Math.max(0.05, 1 - spread * widest));
  const drawn = shortest + (longest - shortest) * ((deviation + 1) / 2);
  return Math.max(longest > shortest ? drawn - elapsed : meanMs - elapsed, overtime * meanMs, 1);
};

const overtime = 0.1;
