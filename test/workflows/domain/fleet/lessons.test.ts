import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Lesson,
  learn,
  learnCalls,
  learnSizes,
  learnSwap,
  noLessons,
} from '../../../../workflows/domain/fleet/lessons.ts';
import { callOf } from './told.ts';

test('the first samples are a plain mean, and later ones move it by a quarter', () => {
  const after = (samples: readonly number[]): Lesson | undefined =>
    samples.reduce<Lesson | undefined>((before, ms) => learn(before, ms), undefined);
  expect(after([100])).toEqual({ mean: 100, samples: 1 });
  expect(after([100, 200, 300])).toEqual({ mean: 200, samples: 3 });
  expect(after([100, 100, 100, 100, 500])?.mean).toBe(200);
});

test('a mean never leaves the samples that made it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1e7), { minLength: 1 }), (samples) => {
      const lesson = samples.reduce<Lesson | undefined>((before, ms) => learn(before, ms), undefined);
      expect(lesson?.mean).toBeGreaterThanOrEqual(Math.min(...samples) - 1e-6);
      expect(lesson?.mean).toBeLessThanOrEqual(Math.max(...samples) + 1e-6);
    }),
  );
});

test('a call teaches of its model and part, there and everywhere; one that was cut teaches nothing', () => {
  const ended = [
    { ...callOf('a'), ms: 100 },
    { ...callOf('a'), ms: 1, failed: true as const },
    { ...callOf('a', { role: 'reviewer' }), ms: 30 },
  ];
  expect(learnCalls(noLessons, 'box', ended).calls).toEqual({
    'coder/polecat/box': { mean: 100, samples: 1 },
    'coder/polecat': { mean: 100, samples: 1 },
    'coder/reviewer/box': { mean: 30, samples: 1 },
    'coder/reviewer': { mean: 30, samples: 1 },
  });
});

test('a swap teaches what went and what came; what stayed is no part of it, and a failed one teaches nothing', () => {
  const swap = { at: 0, drainMs: 9, unloadMs: 70, loadMs: 200, from: ['a', 'kept'], to: ['kept', 'b', 'c'] };
  const { loads, unloads } = learnSwap(noLessons, 'box', swap);
  expect(unloads).toEqual({ 'a/box': { mean: 70, samples: 1 } });
  expect(loads).toEqual({ 'b/box': { mean: 100, samples: 1 }, 'c/box': { mean: 100, samples: 1 } });
  expect(learnSwap(noLessons, 'box', { ...swap, failed: true })).toBe(noLessons);
});

test('of a size the largest that was seen counts', () => {
  const first = learnSizes(noLessons, [{ model: 'a', bytes: 20 }]);
  expect(learnSizes(first, [{ model: 'a', bytes: 10 }]).bytes).toEqual({ a: 20 });
  expect(learnSizes(first, [{ model: 'a', bytes: 30 }]).bytes).toEqual({ a: 30 });
  expect(learnSizes(noLessons).bytes).toEqual({});
});
