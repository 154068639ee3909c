import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockText, dayAndClock, nextClock, parseClock, wallClock } from '../../../workflows/domain/clock.ts';
import { untilStillToCome } from '../../../workflows/domain/convoy.ts';

const at = (text: string): number => Date.parse(text);
const next = (clock: string, zone: string, now: string): string =>
  new Date(nextClock(parseClock(clock) ?? Number.NaN, zone, at(now))).toISOString();

test('a time of the day is read as people write it, and nothing else is', () => {
  expect(['07:00', '7:00', '23:59', '0:05'].map(parseClock)).toEqual([420, 420, 1_439, 5]);
  expect(['24:00', '7', '7:5', '07:60', '-1:00', '07:00 ', 'seven', ''].map(parseClock)).toEqual(
    Array.from({ length: 8 }, () => undefined),
  );
  expect([420, 5, 1_439].map(clockText)).toEqual(['07:00', '00:05', '23:59']);
});

test('who says 07:00 and approves after it means the next one; a time that is still to come stays', () => {
  const until = { ms: at('2026-11-22T06:00:00Z'), clock: '07:00' };
  const toCome = (now: string): string =>
    new Date(untilStillToCome(until, 'Europe/Berlin', at(now)).ms).toISOString();
  expect(toCome('2026-11-22T05:59:59Z')).toBe('2026-11-22T06:00:00.000Z');
  expect(toCome('2026-11-22T06:00:00Z')).toBe('2026-11-23T06:00:00.000Z');
  expect(toCome('2026-11-25T11:00:00Z')).toBe('2026-11-26T06:00:00.000Z');
});

describe('the next time that clocks show it', () => {
  test('today when it is to come, else tomorrow; the minute that it is now is over', () => {
    expect(next('07:00', 'UTC', '2026-11-21T22:03:10Z')).toBe('2026-11-22T07:00:00.000Z');
    expect(next('23:00', 'UTC', '2026-11-21T22:03:10Z')).toBe('2026-11-21T23:00:00.000Z');
    expect(next('07:00', 'UTC', '2026-11-21T07:00:00Z')).toBe('2026-11-22T07:00:00.000Z');
    expect(next('07:00', 'UTC', '2026-11-21T06:59:59Z')).toBe('2026-11-21T07:00:00.000Z');
  });

  test('in the time zone of the town, also one with half hours', () => {
    expect(next('07:00', 'Europe/Berlin', '2026-11-21T22:03:00Z')).toBe('2026-11-22T06:00:00.000Z');
    expect(next('07:00', 'Asia/Kolkata', '2026-11-21T22:03:00Z')).toBe('2026-11-22T01:30:00.000Z');
  });

  test('a night with a change of the clock: a skipped time is the moment of the skip, a doubled one its first', () => {
    expect(next('07:00', 'Europe/Berlin', '2026-03-28T22:00:00Z')).toBe('2026-03-29T05:00:00.000Z');
    expect(next('02:30', 'Europe/Berlin', '2026-03-28T22:00:00Z')).toBe('2026-03-29T01:00:00.000Z');
    expect(next('02:30', 'Europe/Berlin', '2026-10-24T22:30:00Z')).toBe('2026-10-25T00:30:00.000Z');
    expect(next('07:00', 'Europe/Berlin', '2026-10-24T22:00:00Z')).toBe('2026-10-25T06:00:00.000Z');
    // Where the clock jumps at midnight.
    expect(next('00:30', 'America/Santiago', '2026-09-06T02:00:00Z')).toBe('2026-09-06T04:00:00.000Z');
  });

  test('is always to come, within a day and the hour that a clock may be put back', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_439 }),
        zones,
        fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
        (wanted, zone, now) => {
          const found = nextClock(wanted, zone, now);
          expect(found).toBeGreaterThan(now);
          expect(found - now).toBeLessThanOrEqual(26 * 3_600_000);
          expect(found % 60_000).toBe(0);
          const shown = wallClock(zone)(found);
          // The moment of a skip shows a time after the wanted one.
          expect((shown - wanted + 1_440) % 1_440).toBeLessThanOrEqual(60);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('a moment is told as people of the zone would', () => {
  expect(dayAndClock(at('2026-11-21T22:03:00Z'), 'Europe/Berlin')).toBe('2026-11-21 23:03');
});
