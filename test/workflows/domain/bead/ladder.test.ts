import { expect, test } from 'vitest';
import { capsOf, ladderOf } from '../../../../workflows/domain/bead/ladder.ts';

const step = (model: string) => ({ model, callTimeoutMs: 1 });
const ladders = { default: [step('usual')], deep: [step('large')] };

test("a bead's own models count before those of its tier, and an unknown tier is the default", () => {
  expect(ladderOf({ ladder: [step('own')], tier: 'deep' }, { ladders })).toEqual([step('own')]);
  expect(ladderOf({ tier: 'deep' }, { ladders })).toEqual([step('large')]);
  expect(ladderOf({ tier: 'odd' }, { ladders })).toEqual([step('usual')]);
  expect(ladderOf({ tier: undefined }, { ladders })).toEqual([step('usual')]);
  expect(ladderOf({ tier: undefined }, { ladders: {} })).toEqual([]);
});

test('tries that the plan names count before what is usual, and nothing else changes', () => {
  const usual = { turns: 9, tokens: 8, wallMs: 7, attempts: 3 };
  expect(capsOf({ attempts: 1 }, usual)).toEqual({ ...usual, attempts: 1 });
  expect(capsOf({}, usual)).toBe(usual);
});
