import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LoadsSeen, loadBound, restAfterLoad } from '../../../../workflows/domain/host/loadBound.ts';

const minute = 60_000;
const limits = { leastMs: minute, usualMs: 5 * minute, mostMs: 20 * minute };
const seen = (over: Partial<LoadsSeen> = {}): LoadsSeen => ({
  ...{ configuredMs: undefined, measuredMs: undefined, missed: 0 },
  ...over,
});

test.each<[string, Partial<LoadsSeen>, number]>([
  ['nothing is known: the usual', {}, 5 * minute],
  ['it loads in seconds: the least', { measuredMs: 8_000 }, minute],
  ['it was said to take 25 s: four times that', { configuredMs: 25_000 }, 100_000],
  [
    'it took longer than was said: four times what it took',
    { configuredMs: 10_000, measuredMs: 40_000 },
    160_000,
  ],
  ['it is slow: the usual', { measuredMs: 2 * minute }, 5 * minute],
  ['it is very slow: twice that, or it would never be loaded', { configuredMs: 6 * minute }, 12 * minute],
  ['it was given up once: twice as long', { measuredMs: 8_000, missed: 1 }, 2 * minute],
  ['it was given up again and again: no more than the usual', { measuredMs: 8_000, missed: 9 }, 5 * minute],
  ['nothing is known and it was given up: as long as a call may take', { missed: 9 }, 20 * minute],
])('a load is given up by what is known of it: %s', (_, known, bound) => {
  expect(loadBound(seen(known), limits)).toBe(bound);
});

const ms = fc.option(fc.integer({ min: 1, max: 10 * minute }), { nil: undefined });

test('no load is given up that takes what one has taken before, within what a call may take; more misses never shorten it', () => {
  fc.assert(
    fc.property(ms, ms, fc.nat(40), (configuredMs, measuredMs, missed) => {
      const known = seen({ configuredMs, measuredMs, missed });
      const bound = loadBound(known, limits);
      expect(bound).toBeGreaterThanOrEqual(Math.max(limits.leastMs, measuredMs ?? 0, configuredMs ?? 0));
      expect(bound).toBeLessThanOrEqual(limits.mostMs);
      expect(loadBound({ ...known, missed: missed + 1 }, limits)).toBeGreaterThanOrEqual(bound);
    }),
  );
});

test('tries of a model that cannot be loaded take a third of the time of others at first, and less with each, down to a sixteenth', () => {
  expect([1, 2, 3, 4, 5].map((failures) => restAfterLoad(minute, failures, 30 * minute))).toEqual(
    [2, 4, 8, 16, 16].map((minutes) => minutes * minute),
  );
  expect(restAfterLoad(10 * minute, 3, 30 * minute)).toBe(30 * minute);
});
