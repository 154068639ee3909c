import { describe, expect, test } from 'vitest';
import { closedFor, waitingSince } from '../../../../workflows/domain/host/outlook.ts';
import { closedWhileQuiet, hoursAt, isQuietAt } from '../../../../workflows/domain/host/quiet.ts';
import { defaultPace } from '../../../../workflows/domain/pace.ts';

const at = (text: string): number => Date.parse(text);
const day = { from: 8 * 60, to: 18 * 60 + 30 };
const night = { from: 22 * 60, to: 6 * 60 };

test('a span holds from its first minute to the one before its end, over midnight too', () => {
  expect([479, 480, 1_109, 1_110].map((minute) => isQuietAt([day], minute))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect([1_319, 1_320, 0, 359, 360].map((minute) => isQuietAt([night], minute))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  expect(isQuietAt([{ from: 0, to: 1_440 }], 1_439)).toBe(true);
});

describe('the hours of a host', () => {
  test('are quiet or not until the next change, in the time zone of the town', () => {
    expect(hoursAt([day], 'Europe/Berlin', at('2026-11-21T07:30:00Z'))).toEqual({
      quiet: true,
      until: at('2026-11-21T17:30:00Z'),
    });
    expect(hoursAt([day], 'Europe/Berlin', at('2026-11-21T06:59:30Z'))).toEqual({
      quiet: false,
      until: at('2026-11-21T07:00:00Z'),
    });
  });

  test('spans that touch are one', () => {
    const spans = [day, { from: day.to, to: 20 * 60 }];
    expect(hoursAt(spans, 'UTC', at('2026-11-21T09:00:00Z')).until).toBe(at('2026-11-21T20:00:00Z'));
  });

  test('without spans they are never quiet, and nobody needs to look again', () => {
    expect(hoursAt([], 'UTC', 0)).toEqual({ quiet: false, until: Number.POSITIVE_INFINITY });
  });

  test('quiet all day is looked at again after a day', () => {
    const { quiet, until } = hoursAt([{ from: 0, to: 1_440 }], 'UTC', 0);
    expect(quiet).toBe(true);
    expect(until).toBeGreaterThan(24 * 3_600_000);
  });
});

describe('what is told of a quiet host', () => {
  const small = { type: 'ContextTooSmall', what: 'Too small.', evidence: '', next: 'Set num_ctx.' } as const;
  const down = { type: 'HostDown', what: 'Down.', evidence: '', next: 'Start it.' } as const;
  const told = closedWhileQuiet(
    { host: 'box', zone: 'Europe/Berlin', until: at('2026-11-21T17:30:00Z') },
    ['a', 'b'],
    [
      { model: 'a', failure: small, terminal: true },
      { model: 'b', failure: down, terminal: false },
    ],
  );

  test('G10: until when, by the clock of the town; what a person has to mend is still told', () => {
    expect(told).toMatchObject([
      { model: 'a', failure: { type: 'ContextTooSmall' }, terminal: true },
      { model: 'b', failure: { type: 'HostQuiet' }, terminal: false },
    ]);
    expect(told[1]?.failure.what).toContain('until 18:30 (Europe/Berlin)');
  });

  const quiet = { type: 'HostQuiet', what: 'Quiet.', evidence: '', next: '' } as const;
  const asleep = { open: [], closed: [{ host: 'box', failure: quiet, terminal: false, until: 5_000 }] };

  test('a bead waits for it however long that takes, beside hosts that are refused for good too', () => {
    const long = { waitedMs: 10 * defaultPace.downPatienceMs, pace: defaultPace };
    expect(closedFor('m', asleep, long)).toMatchObject({ giveUp: false, quietUntil: 5_000 });
    const mixed = { open: [], closed: [{ host: 'other', failure: small, terminal: true }, ...asleep.closed] };
    expect(closedFor('m', mixed, long)).toMatchObject({
      giveUp: false,
      failure: { type: 'HostQuiet' },
      quietUntil: 5_000,
    });
  });

  test('the night that it was quiet does not count against the patience with a host that is then down', () => {
    const broken = { open: [], closed: [{ host: 'box', failure: down, terminal: false }] };
    expect(waitingSince({ since: 1_000, failure: quiet }, asleep, 4_000)).toBe(1_000);
    expect(waitingSince({ since: 1_000, failure: quiet }, broken, 6_000)).toBe(6_000);
    expect(waitingSince({ since: 6_000, failure: down }, broken, 9_000)).toBe(6_000);
  });
});
