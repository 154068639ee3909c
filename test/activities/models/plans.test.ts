import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPlans } from '../../../activities/models/plans.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const order = (madeAt: number, want: readonly string[] = [`m${madeAt}`]) => ({ host: 'box', want, madeAt });

test('without a plan there is none, and of several the newest is in force', () => {
  const plans = createPlans(() => undefined);
  expect(plans.current()).toBeUndefined();
  plans.follow(order(2));
  plans.follow(order(1));
  expect(plans.current()?.want).toEqual(['m2']);
});

test('when the newest ends the one before is in force again', () => {
  const plans = createPlans(() => undefined);
  plans.follow(order(1));
  const end = plans.follow(order(2));
  end();
  expect(plans.current()?.want).toEqual(['m1']);
});

test('the last one stays for a moment, in which a fleet that continues as new tells it again; then there is none, and it is said', () => {
  const changes: (readonly string[] | undefined)[] = [];
  const plans = createPlans(() => void changes.push(plans.current()?.want));
  const end = plans.follow(order(1));
  end();
  expect(plans.current()?.want).toEqual(['m1']);
  vi.advanceTimersByTime(2_900);
  expect(plans.current()?.want).toEqual(['m1']);
  vi.advanceTimersByTime(200);
  expect(plans.current()).toBeUndefined();
  expect(changes).toEqual([['m1'], ['m1'], undefined]);
});

test('an older plan that ends brings nothing back', () => {
  const plans = createPlans(() => undefined);
  const older = plans.follow(order(1));
  const newer = plans.follow(order(2));
  older();
  newer();
  expect(plans.current()?.want).toEqual(['m2']);
});

test('a plan grows older while it is followed', () => {
  const plans = createPlans(() => undefined);
  plans.follow(order(1));
  vi.advanceTimersByTime(700);
  expect(plans.current()?.ageMs()).toBe(700);
});

test('whatever begins and ends, the newest of those that run is in force', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(9), fc.boolean()), { maxLength: 20 }), (steps) => {
      const plans = createPlans(() => undefined);
      const running: { madeAt: number; end: () => void }[] = [];
      for (const [number, begins] of steps) {
        if (begins) running.push({ madeAt: number, end: plans.follow(order(number)) });
        else running.splice(number % Math.max(1, running.length), 1)[0]?.end();
        if (running.length > 0)
          expect(plans.current()?.madeAt).toBe(Math.max(...running.map(({ madeAt }) => madeAt)));
      }
    }),
  );
});
