import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Board,
  holdDependents,
  isOver,
  newBoard,
  startable,
  working,
} from '../../../workflows/domain/epicBoard.ts';

const caps = { turns: 1, tokens: 1, wallMs: 1, attempts: 1 };

const boardOf = (needs: readonly (readonly number[])[]): Board =>
  newBoard(
    needs.map((each, index) => ({
      id: `b${index}`,
      title: '',
      taskRef: '',
      needs: each.map((need) => `b${need}`),
      files: [],
      tier: undefined,
      gates: [],
      approvedFiles: [],
    })),
    caps,
  );

/** A DAG: each bead needs only earlier ones. */
const graphs = fc
  .integer({ min: 1, max: 25 })
  .chain((count) =>
    fc.tuple(
      ...Array.from({ length: count }, (_, index) =>
        fc.uniqueArray(fc.nat(Math.max(0, index - 1)), { maxLength: index === 0 ? 0 : 3 }),
      ),
    ),
  );

test.each(['ready', 'waves'] as const)(
  'G1: with pacing %s nothing starts before all it needs has landed, slots are kept, and every board comes to an end',
  (pacing) => {
    fc.assert(
      fc.property(
        graphs,
        fc.integer({ min: 1, max: 6 }),
        fc.infiniteStream(fc.nat(9)),
        (needs, maxParallel, luck) => {
          const board = boardOf(needs);
          for (let round = 0; !isOver(board); round++) {
            expect(round).toBeLessThan(200);
            for (const id of startable(board, { maxParallel, pacing })) {
              const bead = board.get(id);
              if (bead === undefined) throw new Error(id);
              for (const need of bead.spec.needs) expect(board.get(need)?.state).toBe('landed');
              bead.state = 'working';
              bead.open = true;
            }
            expect(working(board)).toBeLessThanOrEqual(maxParallel);
            const next = [...board.values()].find(({ state }) => state === 'working');
            expect(next).toBeDefined();
            if (next === undefined) return;
            next.state = Number(luck.next().value) < 2 ? 'blocked' : 'landed';
            next.open = false;
            holdDependents(board);
          }
          for (const { state, spec } of board.values()) {
            const lost = spec.needs.some((need) => board.get(need)?.state !== 'landed');
            expect(state === 'held').toBe(lost);
          }
        },
      ),
      { numRuns: 200 },
    );
  },
);

test('a retried bead frees those it held', () => {
  const board = boardOf([[], [0], [1]]);
  const first = board.get('b0');
  if (first === undefined) throw new Error('b0');
  first.state = 'blocked';
  holdDependents(board);
  expect([...board.values()].map(({ state }) => state)).toEqual(['blocked', 'held', 'held']);
  first.state = 'pending';
  holdDependents(board);
  expect([...board.values()].map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
});
