import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byUrgency, urgencyOf } from '../../../../workflows/domain/bead/urgency.ts';
import { type Board, newBoard } from '../../../../workflows/domain/epicBoard.ts';

const caps = { turns: 1, tokens: 1, wallMs: 1, attempts: 1 };

const boardOf = (needs: readonly (readonly number[])[], estimates: readonly number[] = []): Board =>
  newBoard(
    needs.map((each, index) => ({
      ...{
        id: `b${index}`,
        title: '',
        taskRef: '',
        files: [],
        tier: undefined,
        gates: [],
        approvedFiles: [],
      },
      needs: each.map((need) => `b${need}`),
      ...(estimates[index] === undefined ? {} : { estimateMs: estimates[index] }),
    })),
    caps,
  );

test('calls of a bead that others need come before those of a bead that nobody needs', () => {
  const board = boardOf([[], [0], [1], [], [], []]);
  expect(urgencyOf(board, 'b0')).toBe(2);
  expect(urgencyOf(board, 'b3')).toBeGreaterThan(urgencyOf(board, 'b1'));
});

test('equals have the same priority, and beads that are settled hold up nobody', () => {
  const board = boardOf([[], [], [], [0], [1]]);
  expect(urgencyOf(board, 'b0')).toBe(urgencyOf(board, 'b1'));
  for (const one of board.values()) if (one.spec.id !== 'b2') one.state = 'landed';
  expect(urgencyOf(board, 'b2')).toBe(2);
});

test('a long estimate makes a bead more urgent', () => {
  const board = boardOf([[], [], [], []], [1, 60_000_000]);
  expect(urgencyOf(board, 'b1')).toBe(2);
  expect(urgencyOf(board, 'b0')).toBe(5);
});

test('a priority is a whole number from 2 to 5 whatever the graph, and what is needed is never less urgent than what needs it', () => {
  const graphs = fc
    .integer({ min: 1, max: 25 })
    .chain((count) =>
      fc.tuple(
        ...Array.from({ length: count }, (_, index) =>
          fc.uniqueArray(fc.nat(Math.max(0, index - 1)), { maxLength: index === 0 ? 0 : 3 }),
        ),
      ),
    );
  fc.assert(
    fc.property(graphs, (needs) => {
      const board = boardOf(needs);
      for (const { spec } of board.values()) {
        const own = urgencyOf(board, spec.id);
        expect([2, 3, 4, 5]).toContain(own);
        for (const need of spec.needs) expect(urgencyOf(board, need)).toBeLessThanOrEqual(own);
      }
      // Started class by class: all of them once, the most urgent first, equals in their order.
      const ids = [...board.keys()];
      const turns = byUrgency(board, ids);
      const sorted = ids.toSorted((a, b) => urgencyOf(board, a) - urgencyOf(board, b));
      expect(turns.flat()).toEqual(sorted);
      for (const turn of turns) expect(new Set(turn.map((id) => urgencyOf(board, id))).size).toBe(1);
    }),
    { numRuns: 60 },
  );
});
