import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fail } from '../../../activities/failure.ts';
import { createRefusals } from '../../../activities/models/refusals.ts';
import type { FailureType } from '../../../workflows/domain/failure.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const failing = (type: FailureType) => fail(type, { what: 'w', evidence: 'e', next: 'n' });
const refusalsOf = () => createRefusals(['a', 'b'], { retryMs: 1_000, retryMaxMs: 30_000 });
const pass = (ms: number): void => void vi.advanceTimersByTime(ms);

test('each failure in a row doubles the rest, up to the longest, and success begins anew', () => {
  const refusals = refusalsOf();
  const rests: (number | undefined)[] = [];
  for (let n = 0; n < 7; n += 1) {
    const since = performance.now();
    refusals.note('a', failing('ModelNotResident'));
    rests.push(refusals.nextMs(since));
    pass(40_000);
  }
  expect(rests).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  refusals.clear('a');
  refusals.note('a', failing('ModelNotResident'));
  expect(refusals.nextMs(0)).toBe(1_000);
});

test('one whose rest was over at the last look wakes nobody: it has been tried, or nobody wants it', () => {
  const refusals = refusalsOf();
  refusals.note('a', failing('ModelNotResident'));
  const look = performance.now();
  pass(1_500);
  expect(refusals.nextMs(look)).toBe(0);
  expect(refusals.nextMs(performance.now())).toBeUndefined();
});

test('a failure of the host holds for all of its models until it answers, and the row goes on when it fails again', () => {
  const refusals = refusalsOf();
  refusals.note('a', failing('HostDown'));
  expect(refusals.unusable()).toEqual(['a', 'b']);
  expect(refusals.hostRests()).toBe(true);
  pass(5_000);
  expect(refusals.hostRests()).toBe(false);
  // Nobody is sent to a host that is down because its rest is over.
  expect(refusals.unusable()).toEqual(['a', 'b']);
  refusals.answered();
  expect([refusals.unusable(), refusals.list()]).toEqual([[], []]);
  refusals.note('b', failing('HostDown'));
  expect(refusals.nextMs(0)).toBe(2_000);
});

test('a model that may be there next time is offered again after its rest, one that somebody has to mend is not', () => {
  const refusals = refusalsOf();
  refusals.note('a', failing('ModelNotResident'));
  refusals.note('b', failing('ModelMissing'));
  expect(refusals.unusable()).toEqual(['a', 'b']);
  pass(2_000);
  expect(refusals.unusable()).toEqual(['b']);
  refusals.answered();
  expect(refusals.unusable()).toEqual(['b']);
  expect(refusals.list().map(({ model, terminal }) => [model, terminal])).toEqual([
    ['a', false],
    ['b', true],
  ]);
});

test('a model may rest longer than others, but for what is its own fault only; the time of the next try stands until the next failure', () => {
  const refusals = refusalsOf();
  refusals.note('a', failing('HostWedged'), 120_000);
  const [told] = refusals.list();
  expect(told).toMatchObject({ model: 'a', tries: 1, ofHost: false, nextAt: Date.now() + 120_000 });
  pass(60_000);
  expect(refusals.list()).toEqual([told]);
  expect(refusals.unusable()).toEqual(['a']);
  refusals.note('b', failing('HostDown'), 120_000);
  expect(refusals.nextMs(0)).toBeLessThanOrEqual(2_000);
});
