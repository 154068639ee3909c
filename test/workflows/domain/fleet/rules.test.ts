import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FleetModel, Stage } from '../../../../workflows/domain/fleet/fleet.ts';
import { popHeap, pushHeap } from '../../../../workflows/domain/fleet/heap.ts';
import { deviationIn, lengthMs, remainingMs } from '../../../../workflows/domain/fleet/lengths.ts';
import { fitBeside, fitsTogether } from '../../../../workflows/domain/fleet/memory.ts';
import { stageMs, upwardRanks } from '../../../../workflows/domain/fleet/ranks.ts';
import { swapMs } from '../../../../workflows/domain/fleet/swapCost.ts';

const model = (key: string, gigabytes: number | undefined, weights = key): FleetModel => ({
  ...{ key, weights, context: 32_768, loadMs: 20_000, unloadMs: 10_000 },
  bytes: gigabytes === undefined ? undefined : gigabytes * 1e9,
});

describe('ranks', () => {
  const stages: fc.Arbitrary<readonly Stage[]> = fc
    .array(
      fc.record({
        callMs: fc.nat(100),
        calls: fc.integer({ min: 1, max: 3 }),
        needs: fc.array(fc.nat(30), { maxLength: 3 }),
      }),
      {
        maxLength: 30,
      },
    )
    .map((all) =>
      all.map(({ needs, ...rest }, index) => ({
        ...{ ...rest, id: String(index), model: 'm', kind: 'code', gapMs: 5, state: 'coming', at: 0 },
        needs: needs.filter((need) => need < index).map(String),
      })),
    );

  test('a rank is a stage with the longest way behind it', () => {
    fc.assert(
      fc.property(stages, (all) => {
        const ranks = upwardRanks(all);
        for (const stage of all) {
          const behind = all
            .filter(({ needs }) => needs.includes(stage.id))
            .map(({ id }) => ranks.get(id) ?? 0);
          expect(ranks.get(stage.id)).toBe(stageMs(stage) + Math.max(0, ...behind));
        }
      }),
    );
  });

  test('a circle of needs has ranks, and a long chain does not exhaust the stack', () => {
    const at = (id: number, need: number): Stage => ({
      ...{ id: String(id), model: 'm', kind: 'code', needs: [String(need)], calls: 1, callMs: 1, gapMs: 0 },
      ...{ state: 'coming', at: 0 },
    });
    expect(upwardRanks([at(1, 2), at(2, 1)]).size).toBe(2);
    expect(upwardRanks(Array.from({ length: 20_000 }, (_, id) => at(id, id - 1))).get('0')).toBe(20_000);
  });
});

describe('memory', () => {
  const room = { memory: 24e9, coresident: false };

  test('several models need room for all, known sizes, and weights of their own', () => {
    expect(fitsTogether(room, [model('a', 20), model('b', 4)])).toBe(true);
    expect(fitsTogether(room, [model('a', 20), model('b', 5)])).toBe(false);
    expect(fitsTogether(room, [model('a', 2), model('b', undefined)])).toBe(false);
    expect(fitsTogether(room, [model('a', 2, 'w'), model('b', 2, 'w')])).toBe(false);
    expect(fitsTogether({ memory: undefined, coresident: false }, [model('a', 1), model('b', 1)])).toBe(
      false,
    );
    expect(
      fitsTogether({ memory: undefined, coresident: true }, [model('a', 99), model('b', undefined)]),
    ).toBe(true);
    expect(fitsTogether(room, [model('a', 99)])).toBe(true);
  });

  test('what comes first keeps its place, and the others stay as far as they fit', () => {
    const [a, b, c] = [model('a', 12), model('b', 14), model('c', 8)] as const;
    expect(fitBeside(room, [a], [b, c])).toEqual([a, c]);
  });

  test('a swap is what goes and what comes, and nothing for what stays', () => {
    const [a, b, c] = [model('a', 12), model('b', 14), model('c', 8)] as const;
    expect(swapMs([a, c], [b, c])).toBe(30_000);
    expect(swapMs([], [a])).toBe(20_000);
    expect(swapMs([a], [a])).toBe(0);
  });
});

describe('lengths', () => {
  test('draws come in pairs that mirror each other, and stay about the mean', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(100), fc.integer({ min: 0, max: 20 }), (stage, calls, pair) => {
        const [one, other] = [
          deviationIn(2 * pair + 1, stage, calls),
          deviationIn(2 * pair + 2, stage, calls),
        ];
        expect(one + other).toBe(0);
        expect(lengthMs(100, 0.35, one) + lengthMs(100, 0.35, other)).toBeCloseTo(200, 6);
        expect(deviationIn(0, stage, calls)).toBe(0);
      }),
    );
  });

  test('a call that runs has always something left, and one that is certain what is left of its mean', () => {
    const unit = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 1e6 }), unit, fc.nat(2e6), (mean, deviation, elapsed) => {
        expect(remainingMs(mean, 0.35, deviation, elapsed)).toBeGreaterThan(0);
        expect(remainingMs(mean, 0, deviation, elapsed)).toBeCloseTo(
          Math.max(mean - elapsed, mean / 10, 1),
          6,
        );
      }),
    );
  });
});

test('a heap gives the smallest key first and, of equal ones, the smallest item, in any order of coming', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5), { minLength: 1, maxLength: 30 }),
      fc.constantFrom(1 as const, -1 as const),
      (keys, sign) => {
        const key = Float64Array.from(keys);
        const heap = new Int32Array(keys.length + 3);
        keys.forEach((_, item) => pushHeap(heap, 3, item, item, key, sign));
        const out = keys.map((_, taken) => popHeap(heap, 3, keys.length - taken, key, sign));
        const order = keys
          .map((_, item) => item)
          .toSorted((a, b) => ((key[a] ?? 0) - (key[b] ?? 0)) * sign || a - b);
        expect(out).toEqual(order);
      },
    ),
  );
});
