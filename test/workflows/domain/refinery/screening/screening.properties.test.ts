import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runWorld, type Shape } from './screeningWorld.ts';

const chance = (most: number) => fc.oneof(fc.constant(0), fc.double({ min: 0, max: most, noNaN: true }));

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 31 }),
  branches: fc.integer({ min: 1, max: 40 }),
  slots: fc.integer({ min: 1, max: 12 }),
  bad: chance(0.6),
  quarrels: chance(0.05),
  conflicts: chance(0.05),
  flakes: chance(0.1),
  breakdowns: chance(0.2),
  outsiders: chance(0.05),
  withdrawals: chance(0.02),
  unbuilt: chance(1),
  namesTests: fc.boolean(),
  urgent: chance(0.1),
  unknownFootprints: chance(1),
});

const calm = { flakes: 0, breakdowns: 0, outsiders: 0, withdrawals: 0 } as const;

describe('a queue in any world', () => {
  test('I1 to I5: lands tested content only, sends nobody back on a group, and comes to an end', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { violations, left } = runWorld(shape);
        expect(violations).toEqual([]);
        expect(left).toEqual([]);
      }),
      { numRuns: 1_500 },
    );
  });

  test('where nothing flakes, good branches land and bad ones come back, but for those that quarrel', () => {
    fc.assert(
      fc.property(shapes, (any) => {
        const shape = { ...any, ...calm, quarrels: 0, conflicts: 0 };
        const { landed, sentBack, good, violations } = runWorld(shape);
        expect(violations).toEqual([]);
        expect(landed.toSorted((a, b) => a - b)).toEqual([...good]);
        expect(sentBack.filter((id) => good.has(id))).toEqual([]);
        expect(landed.length + sentBack.length).toBe(shape.branches);
      }),
      { numRuns: 800 },
    );
  });
});
