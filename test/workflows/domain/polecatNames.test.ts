import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSlug } from '../../../workflows/domain/naming.ts';
import { polecatPool, takeNames } from '../../../workflows/domain/polecatNames.ts';

test('the pool has at least 60 names, all different and all slugs', () => {
  expect(new Set(polecatPool).size).toBe(polecatPool.length);
  expect(polecatPool.length).toBeGreaterThanOrEqual(60);
  expect(polecatPool.filter((name) => !isSlug(name))).toEqual([]);
});

test('names go on where the last ones ended, with a number from the second round', () => {
  const first = takeNames(0, 2);
  expect(first).toEqual({ names: ['furiosa', 'nux'], cursor: 2 });
  expect(takeNames(first.cursor, 1).names).toEqual(['slit']);
  expect(takeNames(polecatPool.length, 1).names).toEqual(['furiosa-2']);
});

test('property: no name is given twice, however they are taken', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 60 }), { maxLength: 10 }), (counts) => {
      const taken: string[] = [];
      let cursor = 0;
      for (const count of counts) {
        const { names, cursor: next } = takeNames(cursor, count);
        taken.push(...names);
        cursor = next;
      }
      expect(new Set(taken).size).toBe(taken.length);
    }),
  );
});
