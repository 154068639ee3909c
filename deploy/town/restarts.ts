/** How a child that dies is started again: soon at first, then slower, and as new after it has lived for a while. */
export interface Restarts {
  /** Notes a death and says how long to wait before the next start, ms. */
  died(now: number, startedAt: number): number;
  /** Deaths in a row, each soon after the start. */
  readonly count: number;
}

const firstMs = 250;
const mostMs = 30_000;
/** A child that lived this long was healthy: what killed it says nothing about the next start. */
const healthyMs = 60_000;

/** `longestMs`: the longest wait before a next start. */
export const countRestarts = (longestMs = mostMs): Restarts => {
  let count = 0;
  return {
    died(now, startedAt) {
      count = now - startedAt >= healthyMs ? 1 : count + 1;
      return Math.min(longestMs, firstMs * 2 ** (count - 1));
    },
    get count() {
      return count;
    },
  };
};

/** Which deaths in a row are worth a line for the person: the first three, then every tenth. */
export const worthTelling = (count: number): boolean => count <= 3 || count % 10 === 0;
