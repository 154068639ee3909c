/** A number from 0 to 1 that is the same for the same arguments: plans are pure, and their random groups are, too. */
export const evenly = (...of: readonly number[]): number => {
  let mixed = 0x9e3779b9;
  for (const part of of) {
    mixed = Math.imul(mixed ^ (part | 0), 0x85ebca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    mixed = (mixed + 0x7f4a7c15) | 0;
  }
  return ((mixed >>> 0) + 0.5) / 4_294_967_296;
};
