import { expect, test } from 'vitest';
import { localStamp, localTime, withLocalTimes } from '../../../client/render/localTime.ts';

const now = Date.parse('2026-11-21T22:30:00Z');
const berlin = { timeZone: 'Europe/Berlin' };
const auckland = { timeZone: 'Pacific/Auckland' };

test.each([
  ['2026-11-21T22:10:00Z', berlin, 'today 23:10'],
  ['2026-11-21T23:10:00Z', berlin, 'tomorrow 00:10'],
  ['2026-11-20T23:30:00Z', berlin, 'today 00:30'],
  ['2026-11-20T21:30:00Z', berlin, 'yesterday 22:30'],
  ['2026-11-27T06:00:00Z', berlin, 'Fri 07:00'],
  ['2026-11-16T06:00:00Z', berlin, 'Mon 07:00'],
  ['2026-11-14T06:00:00Z', berlin, '2026-11-14 07:00'],
  ['2026-11-28T06:00:00Z', berlin, '2026-11-28 07:00'],
  ['2026-11-21T22:10:00Z', auckland, 'today 11:10'],
  [now, { timeZone: 'UTC' }, 'today 22:30'],
])('%s in %j is %s', (at, where, text) => expect(localTime(at, where, now)).toBe(text));

test('days are those of the calendar, also when one has 25 hours', () => {
  const beforeAutumn = Date.parse('2026-10-24T21:59:00Z');
  expect(localTime('2026-10-25T22:30:00Z', berlin, beforeAutumn)).toBe('tomorrow 23:30');
});

test('what is no time stays as it is, and so does a text without one', () => {
  expect(localTime('soon', berlin, now)).toBe('soon');
  expect(withLocalTimes('no time, 12:00 and 2026-11-21', berlin, now)).toBe('no time, 12:00 and 2026-11-21');
});

test('moments in the text of a workflow are those of the reader', () => {
  expect(withLocalTimes('the day, which ends at 2026-11-21T23:00:00.000Z: wait', berlin, now)).toBe(
    'the day, which ends at tomorrow 00:00: wait',
  );
});

test('a log has seconds', () => expect(localStamp(now, berlin)).toBe('2026-11-21 23:30:00'));
