import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Lesson,
  learn,
  learnCalls,
  learnSizes,
  learnSwap,
  noLessons,
  paceOf,
  spreadOf,
} from '../../../../workflows/domain/fleet/lessons.ts';
import { callOf } from './told.ts';

test('the first samples are a plain mean, and later ones move it by a quarter', () => {
  const after = (samples: readonly number[]): Lesson | undefined =>
    samples.reduce<Lesson | undefined>((before, ms) => learn(before, ms), undefined);
  expect(after([100])).toEqual({ mean: 100, samples: 1, variance: 0 });
  expect(after([100, 200, 300])).toMatchObject({ mean: 200, samples: 3 });
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

test('four samples tell how far calls spread; what never varied is still not believed to be certain', () => {
  const after = (samples: readonly number[]): Lesson | undefined =>
    samples.reduce<Lesson | undefined>((before, ms) => learn(before, ms), undefined);
  expect(spreadOf(after([100, 300, 100]))).toBeUndefined();
  expect(spreadOf(after([100, 300, 100, 300]))).toBeCloseTo(0.5);
  expect(spreadOf(after([100, 100, 100, 100]))).toBe(0.05);
  expect(spreadOf({ mean: 100, samples: 9 })).toBeUndefined();
});

test('a spread lies between a twentieth and one, whatever was seen', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1e7), { minLength: 4 }), (samples) => {
      const lesson = samples.reduce<Lesson | undefined>((before, ms) => learn(before, ms), undefined);
      const spread = spreadOf(lesson) ?? 0.05;
      expect(spread).toBeGreaterThanOrEqual(0.05);
      expect(spread).toBeLessThanOrEqual(1);
    }),
  );
});

test('a host on which calls take longer than elsewhere is known after four of them', () => {
  const calls = (ms: number, count: number) => Array.from({ length: count }, () => ({ ...callOf('a'), ms }));
  const one = learnCalls(noLessons, 'quick', calls(100, 4));
  expect(paceOf(one, 'coder', 'quick')).toBe(1);
  const three = learnCalls(one, 'slow', calls(300, 3));
  expect(paceOf(three, 'coder', 'slow')).toBeUndefined();
  const four = learnCalls(three, 'slow', calls(300, 1));
  const [quick, slow] = [paceOf(four, 'coder', 'quick') ?? 0, paceOf(four, 'coder', 'slow') ?? 0];
  expect(slow / quick).toBeCloseTo(3);
  expect(paceOf(four, 'critic', 'slow')).toBeUndefined();
});

test('a call teaches of its model and part, there and everywhere; one that was cut teaches nothing', () => {
  const ended = [
    { ...callOf('a'), ms: 100 },
    { ...callOf('a'), ms: 1, failed: true as const },
    { ...callOf('a', { role: 'reviewer' }), ms: 30 },
  ];
  expect(learnCalls(noLessons, 'box', ended).calls).toEqual({
    'coder/polecat/box': { mean: 100, samples: 1, variance: 0 },
    'coder/polecat': { mean: 100, samples: 1, variance: 0 },
    'coder/reviewer/box': { mean: 30, samples: 1, variance: 0 },
    'coder/reviewer': { mean: 30, samples: 1, variance: 0 },
  });
});

test('a swap teaches what went and what came; what stayed is no part of it, and a failed one teaches nothing', () => {
  const swap = { at: 0, drainMs: 9, unloadMs: 70, loadMs: 200, from: ['a', 'kept'], to: ['kept', 'b', 'c'] };
  const { loads, unloads } = learnSwap(noLessons, 'box', swap);
  expect(unloads).toEqual({ 'a/box': { mean: 70, samples: 1, variance: 0 } });
  expect(loads).toMatchObject({ 'b/box': { mean: 100, samples: 1 }, 'c/box': { mean: 100, samples: 1 } });
  expect(learnSwap(noLessons, 'box', { ...swap, failed: true })).toBe(noLessons);
});

test('of a size the largest that was seen counts', () => {
  const first = learnSizes(noLessons, [{ model: 'a', bytes: 20 }]);
  expect(learnSizes(first, [{ model: 'a', bytes: 10 }]).bytes).toEqual({ a: 20 });
  expect(learnSizes(first, [{ model: 'a', bytes: 30 }]).bytes).toEqual({ a: 30 });
  expect(learnSizes(noLessons).bytes).toEqual({});
});
