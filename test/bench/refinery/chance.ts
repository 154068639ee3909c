/** Chance by hashing: a random fact depends on the seed and on what it is about, never on the order in which it is asked for. */

export const hash = (...of: readonly number[]): number => {
  let mixed = 0x9e3779b9;
  for (const part of of) {
    mixed = Math.imul(mixed ^ (part | 0), 0x85ebca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    mixed = (mixed + 0x7f4a7c15) | 0;
  }
  return mixed >>> 0;
};

/** A number between 0 and 1, evenly spread. */
export const evenly = (...of: readonly number[]): number => (hash(...of) + 0.5) / 4_294_967_296;

/** A number about 0 with standard deviation 1. */
export const normally = (...of: readonly number[]): number =>
  Math.sqrt(-2 * Math.log(evenly(...of, 1))) * Math.cos(2 * Math.PI * evenly(...of, 2));
