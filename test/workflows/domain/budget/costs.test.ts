import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Cost, costs, type NamedCost } from '../../../../workflows/domain/budget/costs.ts';
import { priced } from '../../../../workflows/domain/budget/money.ts';
import { type ReportedCall, roles } from '../../../../workflows/domain/report/reportCosts.ts';

const prices = {
  own: undefined,
  mini: { prompt: 0.25, completion: 2 },
  large: { prompt: 1.25, completion: 10 },
} as const;

const call: fc.Arbitrary<ReportedCall> = fc
  .record({
    role: fc.constantFrom(...roles),
    bead: fc.constantFrom('demo/core/one', 'demo/core/two', 'demo/plan/mayor', 'other/core/one'),
    model: fc.constantFrom('own' as const, 'mini' as const, 'large' as const),
    at: fc.nat(),
    ms: fc.nat({ max: 100_000 }),
    promptTokens: fc.nat({ max: 100_000 }),
    completionTokens: fc.nat({ max: 10_000 }),
    estimated: fc.boolean(),
    replied: fc.boolean(),
  })
  .map(({ promptTokens, completionTokens, estimated, ...rest }) => ({
    ...rest,
    usage: priced({ calls: 1, promptTokens, completionTokens, estimated }, prices[rest.model]),
  }));

const sum = (rows: readonly NamedCost[]): Omit<Cost, 'estimated'> => ({
  calls: rows.reduce((all, one) => all + one.calls, 0),
  failed: rows.reduce((all, one) => all + one.failed, 0),
  promptTokens: rows.reduce((all, one) => all + one.promptTokens, 0),
  completionTokens: rows.reduce((all, one) => all + one.completionTokens, 0),
  money: rows.reduce((all, one) => all + (one.money ?? 0), 0),
  ms: rows.reduce((all, one) => all + one.ms, 0),
});

test('G7, property: the costs by bead, by model, by role and by convoy are one and the same sum', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
      const { total, ...tables } = costs(calls);
      const { estimated: _, money = 0, ...whole } = total;
      for (const rows of Object.values(tables)) expect(sum(rows)).toEqual({ ...whole, money });
      expect(total.calls).toBe(calls.length);
    }),
  );
});

test('the dearest comes first; what is free is ordered by its tokens, and has no amount of money', () => {
  const one = (model: keyof typeof prices, promptTokens: number): ReportedCall => ({
    ...{ role: 'polecat', bead: 'demo/core/one', model, at: 0, ms: 0, replied: true },
    usage: priced({ calls: 1, promptTokens, completionTokens: 0, estimated: false }, prices[model]),
  });
  const { models } = costs([one('own', 9_000), one('mini', 10), one('large', 1_000)]);
  expect(models.map(({ name }) => name)).toEqual(['large', 'mini', 'own']);
  expect(models.at(-1)).not.toHaveProperty('money');
});
