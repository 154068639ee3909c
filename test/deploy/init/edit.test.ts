import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../deploy/config/index.ts';
import { addEntry, addToList, removeEntry } from '../../../deploy/init/edit.ts';
import { scalar } from '../../../deploy/init/entries.ts';

const example = readFileSync(new URL('../../../gastown.example.yaml', import.meta.url), 'utf8');
const rig = ['path: ../other', 'gates:', '  - name: test', '    run: npm test'];

/** The lines of `after` that are not in `before`, when nothing else has changed. */
const added = (before: string, after: string): string[] => {
  const old = before.split('\n');
  const fresh: string[] = [];
  let at = 0;
  for (const line of after.split('\n')) {
    if (line === old[at]) at += 1;
    else fresh.push(line);
  }
  expect(at).toBe(old.length);
  return fresh;
};

describe('a gastown.yaml that a person wrote keeps everything that is not changed', () => {
  test('a new rig, host and model are added below the last one, and nothing else moves', () => {
    expect(added(example, addEntry(example, 'rigs', 'other', rig))).toEqual([
      '  other:',
      ...rig.map((line) => `    ${line}`),
    ]);
    const both = addEntry(example, 'hosts', 'gpu', ['kind: ollama', 'url: http://127.0.0.1:1']);
    expect(added(example, both)).toHaveLength(3);
    expect(parseConfig(both, '/town/gastown.yaml').hosts.map(({ name }) => name)).toEqual([
      'workshop',
      'bunker',
      'gpu',
    ]);
  });

  test('what was added and is removed again leaves the file as it was, byte for byte', () => {
    for (const section of ['hosts', 'models', 'rigs'])
      expect(removeEntry(addEntry(example, section, 'other', rig), section, 'other')).toBe(example);
  });

  test('an entry goes with the comments inside and right above it, and leaves its neighbours’', () => {
    const text =
      'rigs:\n  # The first.\n  a:\n    path: x\n    # of a\n  # The second.\n  b:\n    path: y\n\n# Limits.\nlimits: {}\n';
    expect(removeEntry(text, 'rigs', 'a')).toBe(
      'rigs:\n  # The second.\n  b:\n    path: y\n\n# Limits.\nlimits: {}\n',
    );
    expect(removeEntry(text, 'rigs', 'b')).toBe(
      'rigs:\n  # The first.\n  a:\n    path: x\n    # of a\n\n# Limits.\nlimits: {}\n',
    );
    expect(removeEntry(text, 'rigs', 'c')).toBe(text);
  });

  test.each([
    ['hosts: [workshop]', 'hosts: [workshop, gpu]'],
    ['hosts: [ workshop ] # ours', 'hosts: [ workshop, gpu ] # ours'],
    ['hosts:\n      - workshop # ours', 'hosts:\n      - workshop # ours\n      - gpu'],
  ])('a list in the form %j', (before, after) => {
    const text = `models:\n  a:\n    name: x\n    ${before}\n    context: 1\n`;
    const changed = addToList(text, ['models', 'a', 'hosts'], 'gpu');
    expect((parse(changed) as { models: { a: object } }).models.a).toMatchObject({
      hosts: ['workshop', 'gpu'],
      context: 1,
    });
    expect(changed.replace('# ours\n      - gpu', 'X')).toBe(
      `models:\n  a:\n    name: x\n    ${after.replace('# ours\n      - gpu', 'X')}\n    context: 1\n`,
    );
  });

  test('other indentation, braces, Windows line ends and a missing last line end', () => {
    expect(addEntry('rigs:\n    a:\n        path: x', 'rigs', 'b', ['path: y'])).toBe(
      'rigs:\n    a:\n        path: x\n    b:\n      path: y\n',
    );
    expect(parse(addEntry('rigs: {a: {path: x}}\n', 'rigs', 'b', ['path: y']))).toEqual({
      rigs: { a: { path: 'x' }, b: { path: 'y' } },
    });
    expect(addEntry('rigs:\r\n  a:\r\n    path: x\r\n', 'rigs', 'b', ['path: y'])).toBe(
      'rigs:\r\n  a:\r\n    path: x\r\n  b:\r\n    path: y\r\n',
    );
    expect(parse(addEntry('town:\n  name: x', 'rigs', 'b', ['path: y']))).toEqual({
      town: { name: 'x' },
      rigs: { b: { path: 'y' } },
    });
    expect(parse(removeEntry('rigs: {a: {path: x}, b: {path: y}}\n', 'rigs', 'a'))).toEqual({
      rigs: { b: { path: 'y' } },
    });
  });
});

test('whatever text a command or a path is, the line that is written reads back as it', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string(),
    fc.constantFrom('yes', 'null', '1.5', '~', '- a', 'a: b', 'a #b', '.', '', '0x1F', 'a:'),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(parse(`a: ${scalar(text)}\n`)).toEqual({ a: text });
    }),
    { numRuns: 2_000 },
  );
});
