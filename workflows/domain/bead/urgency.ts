/** Which of an epic's calls go first: those of beads that hold up the most. */

import type { Board } from '../epicBoard.ts';
import { upwardRank } from '../plan/graph.ts';
import { type BeadState, isSettled } from './bead.ts';

/** Priority keys of Temporal that calls of beads have: 1 is left to whoever a person waits for. */
const first = 2;
const last = 5;
const usualMs = 10 * 60_000;

/**
 * The priority of a bead's calls, 2 to 5: by its upward rank among all beads that are not settled, in four parts; equals have
 * the same.
 */
export const urgencyOf = (board: Board, id: string): number => urgencyIn(ranksOf(board), id);

/** Beads of one urgency together, the most urgent first; equals stay in their order. */
export const byUrgency = (board: Board, ids: readonly string[]): readonly (readonly string[])[] => {
  const ranks = ranksOf(board);
  return [...Map.groupBy(ids, (id) => urgencyIn(ranks, id))]
    .toSorted(([a], [b]) => a - b)
    .map(([, group]) => group);
};

const ranksOf = (board: Board): ReadonlyMap<string, number> => {
  const open = [...board.values()].filter(({ state }) => !isSettled(state as BeadState));
  const nodes = open.map(({ spec }) => spec);
  return upwardRank(nodes, (one) => board.get(one)?.spec.estimateMs ?? usualMs);
};

const urgencyIn = (ranks: ReadonlyMap<string, number>, id: string): number => {
  const own = ranks.get(id) ?? 0;
  const before = [...ranks.values()].filter((rank) => rank > own).length;
  return first + Math.min(last - first, Math.floor((before * (last - first + 1)) / Math.max(1, ranks.size)));
};
