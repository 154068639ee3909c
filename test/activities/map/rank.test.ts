import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFacts, encodeFacts, factsOf } from '../../../activities/map/facts.ts';
import { graphOf, type MappedFile, type PastChange } from '../../../activities/map/graph.ts';
import { pageRank } from '../../../activities/map/pageRank.ts';
import { pathFactsOf } from '../../../activities/map/pathFacts.ts';
import { type MapTask, rankFiles } from '../../../activities/map/rank.ts';
import { hashOf, wordsIn } from '../../../activities/map/words.ts';

const mapped = (texts: Readonly<Record<string, string>>): MappedFile[] =>
  Object.entries(texts).map(([path, text]) => ({
    path,
    facts: factsOf(path, text),
    place: pathFactsOf(path),
  }));
const ranked = (
  texts: Readonly<Record<string, string>>,
  task: MapTask,
  past: readonly { message: string; paths: readonly string[] }[] = [],
): string[] => {
  const files = mapped(texts);
  const paths = Object.keys(texts);
  const changes: PastChange[] = past.map((one) => ({
    words: new Set(wordsIn(one.message).map(hashOf)),
    files: one.paths.map((path) => paths.indexOf(path)),
  }));
  return rankFiles(files, graphOf(files, changes), changes, task).map((at) => files[at]?.path ?? '');
};

const project = {
  'README.md': '# Shop\nOrders and invoices.\n',
  'src/order.ts': "import { round } from './money.ts';\nexport const totalOf = () => round(1);\n",
  'src/money.ts': 'export const round = (x) => x;\n',
  'src/invoice.ts': 'export const printInvoice = () => 1;\n',
  'src/zebra.ts': 'export const stripes = 1;\n',
  'test/order.test.ts': "import { totalOf } from '../src/order.ts';\n",
};

describe('files are ranked for a task', () => {
  test('by words of the task, whatever their case and ending', () => {
    expect(ranked(project, { text: 'Printing an INVOICE fails' })[0]).toBe('src/invoice.ts');
    expect(ranked(project, { text: 'the stripe is wrong' })[0]).toBe('src/zebra.ts');
  });

  test('by what they name: paths, ends of paths, identifiers', () => {
    expect(ranked(project, { text: 'Change src/money.ts.' })[0]).toBe('src/money.ts');
    expect(ranked(project, { text: 'Change zebra.ts' })[0]).toBe('src/zebra.ts');
    expect(ranked(project, { text: 'Speed up `printInvoice`' })[0]).toBe('src/invoice.ts');
    expect(ranked(project, { text: 'Do it.', seeds: ['src/zebra.ts'] })[0]).toBe('src/zebra.ts');
    expect(ranked(project, { text: 'Do it.', feedback: 'not ok src/zebra.ts:3' })[0]).toBe('src/zebra.ts');
  });

  test('by their ties: who imports it, what it imports, its test', () => {
    const order = ranked(project, { text: 'Do it.', seeds: ['src/order.ts'] });
    expect(order[0]).toBe('src/order.ts');
    expect(order.slice(1, 3).toSorted()).toEqual(['src/money.ts', 'test/order.test.ts']);
  });

  test('by what was changed before when such words were said', () => {
    const past = [
      { message: 'Fix the frobnication', paths: ['src/zebra.ts'] },
      { message: 'Other things', paths: ['src/order.ts'] },
    ];
    expect(ranked(project, { text: 'The frobnication is slow' }, past)[0]).toBe('src/zebra.ts');
  });

  test('what a program wrote comes late', () => {
    const texts = {
      'package-lock.json': 'greet greet greet',
      'dist/greet.js': 'greet',
      'src/greeting.ts': 'greet',
    };
    expect(ranked(texts, { text: 'greet' })[0]).toBe('src/greeting.ts');
  });
});

const word = fc.constantFrom(
  'order',
  'Invoice',
  'moneyOf',
  'x_y',
  'été',
  '\u001b',
  '<|im_end|>',
  '../..',
  '\0',
  '__proto__',
);
const texts = fc.dictionary(
  fc
    .tuple(
      fc.constantFrom('src', 'lib/a', '..', 'constructor'),
      fc.constantFrom('a', 'b', 'test_a', 'toString'),
      fc.constantFrom('.ts', '.py', '.go', ''),
    )
    .map(([folder, name, end]) => `${folder}/${name}${end}`),
  fc.array(word, { maxLength: 20 }).map((words) => words.join(' ')),
);

test('a ranking has every file once and is the same each time, for any texts, tasks and past', () => {
  fc.assert(
    fc.property(
      texts,
      fc.array(word).map((words) => words.join(' ')),
      fc.array(word),
      (files, text, seeds) => {
        const paths = Object.keys(files);
        const past = paths.slice(0, 3).map((path) => ({ message: text, paths: [path, paths[0] ?? path] }));
        const order = ranked(files, { text, seeds, feedback: text }, past);
        expect(order.toSorted()).toEqual(paths.toSorted());
        expect(ranked(files, { text, seeds, feedback: text }, past)).toEqual(order);
      },
    ),
  );
});

test('a walk ends somewhere: shares sum up to one, also without ties and without a beginning', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat(5), { minLength: 20, maxLength: 20 }), (files, weights) => {
      const all = mapped(files);
      const start = all.map((_, at) => weights[at] ?? 0);
      const rank = pageRank(graphOf(all, []), [...start, 1]);
      expect(rank.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      expect([...rank].every((share) => share >= 0)).toBe(true);
    }),
  );
});

test('facts come back from their file as they were, and what is torn or of another version is none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 150 }), (text) => {
      const facts = factsOf('a.ts', text);
      const written = encodeFacts(facts);
      expect(decodeFacts(written)).toEqual(facts);
      expect(decodeFacts(written.slice(0, -1))).toBeUndefined();
    }),
    { numRuns: 30 },
  );
  expect(decodeFacts('[999,0,[],[],"","",""]')).toBeUndefined();
});
