import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createClock } from '../../workflows/bead/clock.ts';

const at = (stampedAt: number) => ({ stampedAt });

test('a clock goes by stamps and timers alone once it has heard a stamp, and never back', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ stamp: fc.nat(), timer: fc.nat(1_000) })), (steps) => {
      const clock = createClock();
      expect(clock.isStamped).toBe(false);
      let expected = 0;
      for (const { stamp, timer } of steps) {
        clock.heard(at(stamp));
        expected = Math.max(expected, stamp);
        expect(clock.now()).toBe(expected);
        clock.heard({});
        clock.slept(timer);
        expected += timer;
        expect(clock.now()).toBe(expected);
      }
      expect(clock.restedMs).toBe(0);
    }),
  );
});

test('who is woken in quiet hours has rested until the next stamp, and no longer', () => {
  const clock = createClock();
  clock.heard(at(1_000));
  clock.rests(true);
  clock.heard({ open: [] });
  expect(clock.restedMs).toBe(0);
  clock.heard(at(5_000));
  expect(clock.restedMs).toBe(4_000);
  clock.heard(at(9_000));
  expect(clock.restedMs).toBe(4_000);
});
