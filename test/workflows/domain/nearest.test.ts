import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearest } from '../../../workflows/domain/nearest.ts';

describe('nearest', () => {
  test('finds what a slip of the fingers meant', () => {
    expect(nearest('parsre', ['lexer', 'parser', 'printer'])).toBe('parser');
    expect(nearest('Parser', ['parser'])).toBe('parser');
    expect(nearest('apiKey', ['kind', 'apiKeyEnv'])).toBe('apiKeyEnv');
  });

  test('says nothing when nothing is near', () => {
    expect(nearest('colour', ['kind', 'url'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });

  test('property: a known name is nearest to itself', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
        fc.nat(),
        (names, pick) => {
          const name = names[pick % names.length] ?? '';
          expect(nearest(name, names)).toBe(name);
        },
      ),
    );
  });

  test('is quick for long hostile names', () => {
    const start = performance.now();
    nearest(
      'x'.repeat(1_000_000),
      Array.from({ length: 400 }, () => 'x'.repeat(10_000)),
    );
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
