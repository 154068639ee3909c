import { expect, test } from 'vitest';
import { type Book, type BookEvent, emptyBook } from '../../../../../workflows/domain/refinery/book/book.ts';
import { reduce } from '../../../../../workflows/domain/refinery/book/reduce.ts';
import { testOf } from '../../../../../workflows/refinery/steps.ts';

const target = { rig: 'rig', target: 'main', upstream: undefined };
const submission = (name: string) => ({
  ...{ bead: `c/e/${name}`, attempt: 1, head: `head of ${name}`, base: 'A', title: name },
  ...{ taskRef: name, polecat: 'Rusty', model: 'qwen', gateHash: 'g', workflowId: `bead/c/e/${name}` },
});
const looksAt = (commit: string, ...names: readonly string[]): BookEvent => ({
  ...{ kind: 'looked', tip: { commit, tree: `tree of ${commit}`, gateHash: 'g' }, isGreen: true, slots: 2 },
  upstream: undefined,
  found: names.map((name) => {
    const { bead, attempt, head } = submission(name);
    return { bead, attempt, head, outcome: 'fits' as const, conflicts: [], footprint: [] };
  }),
});
const after = (...events: readonly BookEvent[]): Book =>
  events.reduce((book, event) => reduce(book, event, 1_000).book, emptyBook('rig', 'main', undefined));
const submits = (name: string): BookEvent =>
  ({ kind: 'submitted', submission: submission(name) }) as BookEvent;
const asked = (book: Book, ...members: readonly number[]) =>
  testOf(target, book, { id: 1, purpose: 'screen', members, start: 0 } as never).request;

test('G4: who was looked at before somebody else moved the target is looked for on it again when it is tested', () => {
  const before = after(submits('one'), looksAt('A', 'one'));
  expect(asked(before, 1)).toMatchObject({ base: 'A', looked: true });
  const moved = reduce(before, looksAt('B'), 2_000).book;
  expect(asked(moved, 1)).toMatchObject({ base: 'B', looked: false });
});

test('a group is taken as looked at only if all of its members were since then', () => {
  const book = [submits('two'), looksAt('B', 'two')].reduce(
    (now, event) => reduce(now, event, 2_000).book,
    after(submits('one'), looksAt('A', 'one')),
  );
  expect(asked(book, 2)).toMatchObject({ looked: true });
  expect(asked(book, 1, 2)).toMatchObject({ looked: false });
});

test('a book of before, which did not count this, has nobody who was surely looked at', () => {
  const book = after(submits('one'), looksAt('A', 'one'));
  const { era: _, ...older } = book;
  const entries = book.entries.map(({ era: __, ...entry }) => entry);
  expect(asked({ ...older, entries }, 1)).toMatchObject({ looked: false });
});
