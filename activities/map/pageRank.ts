import type { FileGraph } from './graph.ts';

/** Share of a walker's steps that follow a tie; with the rest it starts again at the task. */
const follow = 0.25;
const rounds = 12;

/**
 * Personalised PageRank: how often somebody meets each file who begins at what the task speaks of and follows ties.
 * `start` are weights; when all are zero, every file is a beginning. Files beyond those of the graph have no ties. The answer
 * sums up to one.
 */
export const pageRank = ({ starts, targets, weights }: FileGraph, start: readonly number[]): Float64Array => {
  const whole = start.reduce((sum, weight) => sum + weight, 0);
  const home = Float64Array.from(start, (weight) => (whole > 0 ? weight / whole : 1 / start.length));
  const sums = home.map((_, at) => {
    let sum = 0;
    for (let tie = starts[at] ?? 0; tie < (starts[at + 1] ?? 0); tie++) sum += weights[tie] ?? 0;
    return sum;
  });
  let rank = home;
  for (let round = 0; round < rounds; round++) {
    const next = new Float64Array(home.length);
    let stranded = 0;
    for (let at = 0; at < home.length; at++) {
      const here = rank[at] ?? 0;
      const sum = sums[at] ?? 0;
      if (sum === 0) {
        stranded += here;
        continue;
      }
      const share = (follow * here) / sum;
      const end = starts[at + 1] ?? 0;
      for (let tie = starts[at] ?? 0; tie < end; tie++) {
        const to = targets[tie] ?? 0;
        next[to] = (next[to] ?? 0) + share * (weights[tie] ?? 0);
      }
    }
    for (let at = 0; at < home.length; at++)
      next[at] = (next[at] ?? 0) + (1 - follow + follow * stranded) * (home[at] ?? 0);
    rank = next;
  }
  return rank;
};
