import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import reference from './reference.json' with { type: 'json' };
import { type World, type WorldShape, worldOf } from './world.ts';

const digest = ({ branches }: World): string => {
  const facts = [
    branches.map(({ bad }) => bad),
    branches.map(({ areas }) => areas),
    branches.map(({ arrivesAt }) => arrivesAt.toFixed(9)),
    branches.map(({ breaks }) => breaks),
    branches.map(({ key }) => key),
    branches.map(({ quarrels }) => quarrels.map(({ other }) => other)),
    branches.map(({ conflicts }) => conflicts),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
};

const pairs = (of: readonly { readonly length: number }[]): number =>
  of.reduce((sum, { length }) => sum + length, 0) / 2;

describe('a world', () => {
  test.each(reference.worlds)('of seed $shape.seed is what it always was', (held) => {
    const world = worldOf(held.shape as WorldShape);
    const { branches } = world;
    expect(branches.flatMap(({ bad }, id) => (bad ? [id] : []))).toEqual(held.badBranches);
    expect(branches.slice(0, 3).map(({ areas }) => areas)).toEqual(held.areasOfFirst);
    expect(branches.slice(0, 3).map(({ breaks }) => breaks)).toEqual(held.testsOfFirst);
    expect(pairs(branches.map(({ quarrels }) => quarrels))).toBe(held.quarrels);
    expect(pairs(branches.map(({ conflicts }) => conflicts))).toBe(held.conflicts);
    expect(branches.at(-1)?.arrivesAt).toBeCloseTo(held.lastArrival, 8);
    expect(digest(world)).toBe(held.digest);
  });

  test('does not depend on how many branches come after', () => {
    const short = worldOf({ seed: 9, branches: 20, bad: 0.3 });
    const long = worldOf({ seed: 9, branches: 40, bad: 0.3 });
    expect(long.branches.slice(0, 20)).toEqual(short.branches);
  });
});
