import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concealedDeep, createConcealer, restored } from '../../../activities/secrets/concealer.ts';
import { secretShapes } from '../../../activities/secrets/shapes.ts';
import { corpus } from './corpus.ts';

const concealer = createConcealer();

describe('a secret is found by its shape', () => {
  test('the corpus has every shape', () => {
    expect(Object.keys(corpus).toSorted()).toEqual(secretShapes.map(({ name }) => name).toSorted());
  });

  test.each(Object.entries(corpus))(
    '%s: taken out of a text and of JSON, and put back',
    (_, [text, secret]) => {
      for (const whole of [text, JSON.stringify({ text }), `${text}\n${text}`]) {
        const hidden = concealer.conceal(whole);
        expect(hidden).not.toContain(secret);
        expect(hidden).toMatch(/REDACTED_[A-Z_]+_[0-9a-f]{8}/);
        // What is hidden already stays as it is.
        expect(concealer.conceal(hidden)).toBe(hidden);
      }
      expect(restored(concealer.conceal(text), [text], concealer)).toEqual({ text, unknown: [] });
    },
  );
});

test('what only looks a little like one is left alone: hashes, versions, examples, passwords that everybody has', () => {
  const harmless = [
    'sha512-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08==',
    'commit 3f2a9c1b7d5e4f60718293a4b5c6d7e8f9012345',
    'postgres://postgres:postgres@localhost:5432/app',
    'https://user:$' + '{PASSWORD}@example.com',
    'const skip = "sk-";',
    'aws_region = eu-central-1',
    'Authorization: Bearer $' + '{token}',
    'the task is to write sk_test helpers',
    'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  ];
  for (const text of harmless) expect(concealer.conceal(text)).toBe(text);
});

test('keys of this town are taken out by their value, wherever they stand; short ones are no keys', () => {
  const own = createConcealer(['correct-horse-battery', 'short', '  padded-value-123  ', '']);
  expect(own.conceal('a correct-horse-battery, short and padded-value-123')).toMatch(
    /^a REDACTED_OWN_SECRET_[0-9a-f]{8}, short and REDACTED_OWN_SECRET_[0-9a-f]{8}$/,
  );
});

test('a placeholder that no shown text explains is told, never guessed', () => {
  const [text, secret] = corpus['github-token'] ?? ['', ''];
  const hidden = concealer.conceal(text);
  const back = restored(hidden, ['another file'], concealer);
  expect(back.text).toBe(hidden);
  expect(back.unknown).toHaveLength(1);
  expect(restored(hidden, ['another', text], concealer).text).toContain(secret);
});

test('texts without secrets are never changed, whatever they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      fc.pre(concealer.found(text).length === 0);
      expect(concealer.conceal(text)).toBe(text);
      expect(restored(text, [], concealer)).toEqual({ text, unknown: [] });
    }),
  );
});

test('every string of a plain value is concealed; numbers, undefined and dates stay what they are', () => {
  const [text, secret] = corpus['npm-token'] ?? ['', ''];
  const at = new Date(0);
  const value = { list: [text, 7, undefined], deep: { text, at }, none: undefined };
  const hidden = concealedDeep(value, concealer.conceal);
  expect(JSON.stringify(hidden)).not.toContain(secret);
  expect(hidden).toMatchObject({ list: [expect.stringContaining('REDACTED'), 7, undefined], deep: { at } });
});

test('100 kB of code take a few milliseconds, and a hostile text does not stop it', () => {
  const code = 'const value = compute(input, { retries: 3, key: "abc" });\n'.repeat(1_800);
  const hostile = `${'aws'.repeat(9_000)} ${'eyJ'.repeat(9_000)} ${'https://'.repeat(5_000)} ${'-----BEGIN '.repeat(5_000)}`;
  for (const text of [code, hostile]) {
    const began = performance.now();
    concealer.conceal(text);
    expect(performance.now() - began).toBeLessThan(2_000);
  }
});
