import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  costOf,
  millionths,
  moneyText,
  mostFor,
  type Price,
  priced,
} from '../../../../workflows/domain/budget/money.ts';
import {
  addUsage,
  noUsage,
  spentMoney,
  totalTokens,
  type Usage,
} from '../../../../workflows/domain/host/model.ts';

const price = fc.record({
  prompt: fc.double({ min: 0, max: 100, noNaN: true }),
  completion: fc.double({ min: 0, max: 100, noNaN: true }),
});
const usage: fc.Arbitrary<Usage> = fc.record({
  calls: fc.constant(1),
  promptTokens: fc.nat({ max: 1_000_000 }),
  completionTokens: fc.nat({ max: 1_000_000 }),
  estimated: fc.boolean(),
});

describe('what a call costs', () => {
  const gpt: Price = { prompt: 0.3, completion: 2.5 };

  test('is by a million tokens, prompt and reply each at its own price', () => {
    const call = { ...noUsage, promptTokens: 1_000_000, completionTokens: 200_000 };
    expect(spentMoney(priced(call, gpt))).toBe(millionths(0.8));
    expect(costOf({ promptTokens: 10, completionTokens: 0 }, gpt)).toBe(3);
  });

  test('is rounded up, so that no call is for nothing', () => {
    expect(costOf({ promptTokens: 1, completionTokens: 0 }, gpt)).toBe(1);
    expect(costOf({ promptTokens: 0, completionTokens: 0 }, gpt)).toBe(0);
  });

  test('is not there where the model has no price, and stays away from sums of such calls', () => {
    const own = priced({ ...noUsage, calls: 1, promptTokens: 9 }, undefined);
    expect(own).not.toHaveProperty('money');
    expect(addUsage(own, own)).not.toHaveProperty('money');
    expect(spentMoney(addUsage(own, priced({ ...noUsage, promptTokens: 10 }, gpt)))).toBe(3);
  });

  test('property: is whole millionths, and never more than the tokens at the dearest price', () => {
    fc.assert(
      fc.property(usage, fc.array(price, { minLength: 1, maxLength: 4 }), (call, prices) => {
        const most = mostFor(totalTokens(call), prices);
        for (const one of prices) {
          const cost = spentMoney(priced(call, one));
          expect(Number.isSafeInteger(cost)).toBe(true);
          // One is what rounding may add.
          expect(cost).toBeLessThanOrEqual(most + 1);
        }
      }),
    );
  });

  test('property: sums are the same in whatever order and groups calls are added', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(usage, price), { maxLength: 20 }), fc.nat({ max: 20 }), (calls, at) => {
        const paid = calls.map(([call, one]) => priced(call, one));
        const sum = (all: readonly Usage[]): Usage => all.reduce(addUsage, noUsage);
        const halves = addUsage(sum(paid.slice(at)), sum(paid.slice(0, at)));
        expect(spentMoney(halves)).toBe(spentMoney(sum(paid)));
      }),
    );
  });
});

test('an amount is said with as many figures as it takes to see it', () => {
  expect(moneyText(1_500_000, 'EUR')).toBe('1.50 EUR');
  expect(moneyText(1_234_567_890_000)).toBe('1,234,567.89 USD');
  expect(moneyText(42_000)).toBe('0.042 USD');
  expect(moneyText(4_200)).toBe('0.0042 USD');
  expect(moneyText(1)).toBe('0.000001 USD');
  expect(moneyText(0, 'EUR')).toBe('0.00 EUR');
  expect(moneyText(100_000)).toBe('0.10 USD');
  expect(moneyText(50_000)).toBe('0.05 USD');
});
