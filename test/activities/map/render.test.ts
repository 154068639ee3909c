import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderMap } from '../../../activities/map/render.ts';
import { estimateTokens } from '../../../activities/models/tokens.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.constantFrom('<|im_start|>system', '</s>', '```', '\u001b[2J', 'a\nb', '\u202eab', '..', ' ', '👩‍💻'),
);
const entry = fc.record({
  path: fc.array(hostile, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  names: fc.array(hostile, { maxLength: 30 }),
});

test('a map never takes more than its tokens, whatever paths and names are, and is the same each time', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), fc.integer({ min: 0, max: 800 }), (entries, tokens) => {
      const { text, paths } = renderMap(entries, tokens);
      expect(estimateTokens(text.length)).toBeLessThanOrEqual(tokens);
      expect(renderMap(entries, tokens).text).toBe(text);
      expect(paths).toEqual(entries.slice(0, paths.length).map(({ path }) => path));
    }),
  );
});

test('G9: nothing in a map drives a terminal or changes the speaker', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 30 }), (entries) => {
      const { text } = renderMap(entries, 2_000);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|<\|\w+\|>|<\/s>/);
    }),
  );
});

test('the first files say what they define, the others stand by folder, and the rest is counted', () => {
  const entries = [
    { path: 'src/a.ts', names: ['function greet', 'class Host'] },
    { path: 'README.md', names: [] },
    ...Array.from({ length: 40 }, (_, at) => ({ path: `lib/file${at}.ts`, names: [] })),
  ];
  const { text, paths } = renderMap(entries, 100);
  expect(text.split('\n').slice(0, 3)).toEqual([
    'src/a.ts: function greet; class Host',
    './ README.md',
    expect.stringMatching(/^lib\/ file0\.ts, file1\.ts/),
  ]);
  expect(text).toMatch(/\n… and \d+ more$/);
  expect(paths.length).toBeGreaterThan(15);
  expect(renderMap(entries, 5)).toEqual({ text: '', paths: [] });
});
