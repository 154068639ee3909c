import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { InputRejected } from '../../../deploy/input/index.ts';
import { configOf, soundConfig } from '../config/sample.ts';
import { planOf, soundPlan } from '../plan/sample.ts';

type Path = readonly (string | number)[];

/** Every place in a value. */
const pathsOf = (value: unknown, path: Path = []): Path[] => [
  path,
  ...(Array.isArray(value)
    ? value.flatMap((item, index) => pathsOf(item, [...path, index]))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))
      : []),
];

const junk = fc.oneof(
  fc.constantFrom(
    null,
    '',
    0,
    -1,
    1e300,
    true,
    [],
    {},
    [[]],
    'a: b',
    '\u001b[31m',
    '../x',
    '__proto__',
    'constructor',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A sound file in which some places hold junk. */
const spoilt = (text: string) => {
  const paths = pathsOf(parseDocument(text).toJS()).filter((path) => path.length > 0);
  return fc
    .array(fc.tuple(fc.constantFrom(...paths), junk), { minLength: 1, maxLength: 3 })
    .map((changes) => {
      const document = parseDocument(text);
      for (const [path, value] of changes)
        if (document.hasIn(path)) document.setIn(path, document.createNode(value));
      return document.toString();
    });
};

const check = (read: (text: string) => unknown, text: string): void => {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof InputRejected)) throw error;
    expect(error.faults.length).toBeGreaterThan(0);
    const lines = text.split('\n').length;
    for (const { line, column, what } of error.faults) {
      expect(what).not.toBe('');
      if (line !== undefined) expect(line).toBeLessThanOrEqual(lines);
      if (column !== undefined) expect(column).toBeGreaterThan(0);
    }
    expect(error.message).not.toMatch(/(?!\n)\p{Cc}|undefined|\[object/u);
  }
};

describe('property: junk is refused in words, never with a crash', () => {
  for (const [name, sound, read] of [
    ['configuration', soundConfig, configOf],
    ['plan', soundPlan, (text: string) => planOf(text)],
  ] as const) {
    test(`a ${name} of anything`, () => {
      fc.assert(fc.property(junk, (value) => check(read, stringify(value))));
      fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => check(read, text)));
    });

    test(`a ${name} with junk in some places`, () => {
      fc.assert(
        fc.property(spoilt(sound), (text) => check(read, text)),
        { numRuns: 300 },
      );
    });
  }
});
