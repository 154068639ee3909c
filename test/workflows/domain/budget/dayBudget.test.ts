import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DayBudget,
  grantOfBoth,
  isOfDay,
  nearOfDay,
  returnOfDay,
  spentOfDay,
} from '../../../../workflows/domain/budget/dayBudget.ts';

const day = '2026-01-31';
const budget: DayBudget = {
  today: { day, perDay: 1_000, granted: 0 },
  money: { day, perDay: 500, granted: 0 },
};

describe('the budget of the day in tokens and money', () => {
  test('grants both or neither, and says what is lacking', () => {
    const first = grantOfBoth(budget, day, { tokens: 600, money: 400 });
    if ('lacks' in first) throw new Error('refused');
    expect(first.granted).toEqual({ tokens: 600, money: 400 });
    expect(grantOfBoth(first.budget, day, { tokens: 300, money: 200 })).toEqual({ lacks: 'money' });
    expect(grantOfBoth(first.budget, day, { tokens: 500, money: 50 })).toEqual({ lacks: 'tokens' });
    expect(first.budget.money?.granted).toBe(400);
    expect(grantOfBoth(first.budget, day, { tokens: 300, money: 100 })).toMatchObject({
      granted: { tokens: 300, money: 100 },
    });
  });

  test('does not hold up what costs nothing, and does not count what has no limit', () => {
    const broke = { ...budget, money: { day, perDay: 500, granted: 500 } };
    expect(grantOfBoth(broke, day, { tokens: 10, money: 0 })).toMatchObject({
      granted: { tokens: 10, money: 0 },
    });
    const { money: _, ...tokensOnly } = budget;
    expect(grantOfBoth(tokensOnly, day, { tokens: 10, money: 1e9 })).toMatchObject({
      granted: { tokens: 10, money: 1e9 },
    });
    const unlimited = { ...budget, today: { ...budget.today, perDay: undefined } };
    expect(isOfDay(unlimited, { tokens: 1e9 })).toBe(false);
    expect(isOfDay(unlimited, { tokens: 0, money: 1 })).toBe(true);
  });

  test('lends a whole day where no day has as much money as a bead may cost', () => {
    expect(grantOfBoth(budget, day, { tokens: 100, money: 900, leastMoney: 225 })).toMatchObject({
      granted: { tokens: 100, money: 500 },
    });
    expect(grantOfBoth(budget, day, { tokens: 100, money: 900, leastMoney: 501 })).toEqual({
      lacks: 'money',
    });
  });

  test('comes anew on the next day, and what is returned later is gone', () => {
    const all = grantOfBoth(budget, day, { tokens: 1_000, money: 500 });
    if ('lacks' in all) throw new Error('refused');
    expect(grantOfBoth(all.budget, '2026-02-01', { tokens: 1_000, money: 500 })).toHaveProperty('granted');
    expect(returnOfDay(all.budget, { day, tokens: 400, money: 300 })).toMatchObject({
      today: { granted: 600 },
      money: { granted: 200 },
    });
    expect(returnOfDay(all.budget, { day: '2026-01-30', tokens: 400, money: 300 })).toEqual(all.budget);
  });

  test('is nearly used up by what was spent, not by what is reserved', () => {
    const granted = grantOfBoth(budget, day, { tokens: 1_000, money: 500 });
    if ('lacks' in granted) throw new Error('refused');
    expect(nearOfDay(granted.budget)).toEqual([]);
    const spent = spentOfDay(spentOfDay(granted.budget, day, { tokens: 500, money: 100 }), day, {
      tokens: 300,
      money: 0,
    });
    expect(nearOfDay(spent)).toEqual([{ of: 'tokens', spent: 800, granted: 1_000 }]);
    expect(nearOfDay(spentOfDay(spent, '2026-02-01', { tokens: 1, money: 1 }))).toEqual([]);
  });
});

type Step =
  | { readonly kind: 'ask'; readonly tokens: number; readonly money: number; readonly least: boolean }
  | { readonly kind: 'return'; readonly part: number };

test('property: never grants more than the day has in either, whatever is asked and returned', () => {
  const amount = fc.nat({ max: 700 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constant('ask' as const), tokens: amount, money: amount, least: fc.boolean() }),
    fc.record({ kind: fc.constant('return' as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let now = budget;
      const lent: { tokens: number; money: number }[] = [];
      for (const one of steps) {
        if (one.kind === 'return') {
          const back = lent.shift();
          if (back === undefined) continue;
          const left = {
            tokens: Math.floor(back.tokens * one.part),
            money: Math.floor(back.money * one.part),
          };
          now = returnOfDay(now, { day, ...left });
          continue;
        }
        const { tokens, money } = one;
        const least = one.least ? { least: tokens / 4, leastMoney: money / 4 } : {};
        const answer = grantOfBoth(now, day, { tokens, money, ...least });
        if ('lacks' in answer) continue;
        expect(answer.granted.tokens).toBeLessThanOrEqual(tokens);
        expect(answer.granted.money).toBeLessThanOrEqual(money);
        lent.push(answer.granted);
        now = answer.budget;
      }
      expect(now.today.granted).toBeLessThanOrEqual(1_000);
      expect(now.money?.granted).toBeLessThanOrEqual(500);
      expect(Math.min(now.today.granted, now.money?.granted ?? 0)).toBeGreaterThanOrEqual(0);
    }),
  );
});
