import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergedDemands, servedBy, servesCalls } from '../../../activities/models/serving.ts';
import { modelNamed } from '../../support/model/settings.ts';

const large = modelNamed('large', { weights: 'w', context: 65_536 });
const small = modelNamed('small', { weights: 'w', context: 8_192 });
const other = modelNamed('other', { context: 131_072 });
const models = [small, large, other];

const demand = (model: string, waiting: number, waitedMs: number, running = 0) => ({
  ...{ model, waiting, waitedMs, running, usable: true },
});
const servers = (resident: readonly string[]): readonly (readonly [string, string])[] =>
  [...servedBy(models, resident)].map(([key, { key: by }]) => [key, by]);

test('the same weights serve calls of no larger context, and nobody else does', () => {
  expect(servesCalls(large, small)).toBe(true);
  expect(servesCalls(small, large)).toBe(false);
  expect(servesCalls(other, small)).toBe(false);
  expect(servesCalls(modelNamed('x', { name: 'large' }), modelNamed('y', { name: 'large' }))).toBe(true);
});

test('each queue is served by its own model before any other', () => {
  expect(servers(['large'])).toEqual([
    ['small', 'large'],
    ['large', 'large'],
  ]);
  expect(servers(['large', 'small'])).toEqual([
    ['small', 'small'],
    ['large', 'large'],
  ]);
  expect(servers(['small'])).toEqual([['small', 'small']]);
  expect(servers([])).toEqual([]);
});

test('what waits for a model that another serves is work of the one that serves it', () => {
  const demands = [demand('small', 2, 500, 1), demand('large', 1, 100), demand('other', 3, 900)];
  expect(mergedDemands(models, ['large'], demands)).toEqual([
    demand('large', 3, 500, 1),
    demand('other', 3, 900),
  ]);
  expect(mergedDemands(models, ['small'], demands)).toEqual(demands);
});

test('no call is lost or counted twice, whatever is resident', () => {
  const amounts = fc.record({ waiting: fc.nat(9), running: fc.nat(9), waitedMs: fc.nat(1_000) });
  fc.assert(
    fc.property(
      fc.subarray(['small', 'large', 'other']),
      fc.tuple(amounts, amounts, amounts),
      (resident, each) => {
        const demands = models.map(({ key }, index) => ({
          model: key,
          usable: true,
          ...(each[index] ?? each[0]),
        }));
        const merged = mergedDemands(models, resident, demands);
        for (const field of ['waiting', 'running'] as const) {
          const sum = (of: readonly { readonly [K in typeof field]: number }[]): number =>
            of.reduce((all, one) => all + one[field], 0);
          expect(sum(merged)).toBe(sum(demands));
        }
        for (const key of resident) expect(merged.map(({ model }) => model)).toContain(key);
      },
    ),
  );
});
