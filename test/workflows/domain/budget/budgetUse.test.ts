import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetNear } from '../../../../workflows/domain/budget/budgetNear.ts';
import {
  isNear,
  isWorthTelling,
  nearCaps,
  nearPart,
  nothing,
  shareText,
  stepOf,
  usesOfConvoy,
} from '../../../../workflows/domain/budget/budgetUse.ts';
import { noUsage } from '../../../../workflows/domain/host/model.ts';

describe('a budget that is nearly used up', () => {
  test('is one of which 80 % are used, and not one that there is not', () => {
    expect(isNear(799, 1_000)).toBe(false);
    expect(isNear(800, 1_000)).toBe(true);
    expect(isNear(5_000, undefined)).toBe(false);
    expect(isNear(0, 0)).toBe(false);
  });

  test('property: is known before it is used up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (granted) => {
        expect(isNear(granted, granted)).toBe(true);
        expect(isNear(granted * nearPart - 1, granted)).toBe(false);
      }),
    );
  });

  test('G10: says how much of what is used, and what to do', () => {
    const use = { of: 'money', spent: 4_200_000, granted: 5_000_000 } as const;
    expect(budgetNear(use, 'convoy demo', 'gt budget raise demo', 'EUR')).toMatchObject({
      type: 'BudgetNear',
      what: 'The budget of convoy demo is used to 84 %: 4.20 of 5.00 EUR.',
      next: 'Let it end there, or raise it now: gt budget raise demo --money AMOUNT',
    });
    expect(budgetNear({ ...use, of: 'tokens' }, 'the day', 'gt budget raise-day').next).toContain(
      'gt budget raise-day N',
    );
  });

  test('the share is never rounded up to what has not come', () => {
    expect(shareText({ spent: 999, granted: 1_000 })).toBe('99 %');
    expect(shareText({ spent: 1_500, granted: 1_000 })).toBe('150 %');
  });

  test('a convoy has the budgets that it was given', () => {
    expect(usesOfConvoy({ tokens: { granted: undefined, spent: 5 } })).toEqual([]);
    expect(usesOfConvoy({ tokens: { granted: 10, spent: 5 }, money: { granted: 7, spent: 6 } })).toEqual([
      { of: 'tokens', spent: 5, granted: 10 },
      { of: 'money', spent: 6, granted: 7 },
    ]);
  });
});

test('the caps of a bead that are nearly used up are named; the last of two turns is no news', () => {
  const spent = { turns: 9, usage: { ...noUsage, promptTokens: 50, money: 80 }, wallMs: 10, attempts: 2 };
  const caps = { turns: 10, tokens: 100, wallMs: 1_000, attempts: 2, money: 100 };
  expect(nearCaps(spent, caps).map(({ of }) => of)).toEqual(['turns', 'money']);
  expect(nearCaps({ ...spent, turns: 2 }, { ...caps, turns: 2 }).map(({ of }) => of)).toEqual(['money']);
});

describe('spending', () => {
  test('is told in twentieths of the smallest budget that counts; without a budget never', () => {
    expect(stepOf({ tokens: [undefined, undefined], money: [] })).toBeUndefined();
    expect(stepOf({ tokens: [2_000, 1_000], money: [undefined] })).toEqual({ tokens: 50 });
    expect(stepOf({ tokens: [], money: [5] })).toEqual({ money: 1 });
    expect(isWorthTelling({ tokens: 1e9, money: 1e9 }, nothing, undefined)).toBe(false);
  });

  test('property: costs at most twenty messages for a whole budget, however it is spent', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 1e6 }),
        fc.array(fc.nat({ max: 10_000 }), { maxLength: 300 }),
        (budget, pieces) => {
          const step = stepOf({ tokens: [budget], money: [] });
          let [told, now, messages] = [nothing, nothing, 0];
          for (const tokens of pieces) {
            now = { ...now, tokens: now.tokens + tokens };
            if (!isWorthTelling(now, told, step)) continue;
            messages++;
            told = now;
          }
          expect(messages).toBeLessThanOrEqual(Math.ceil((now.tokens * 21) / budget));
          expect(now.tokens - told.tokens).toBeLessThan(Math.max(1, budget / 20));
        },
      ),
    );
  });
});
