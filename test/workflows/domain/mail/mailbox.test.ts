import { expect, test } from 'vitest';
import type { Failure } from '../../../../workflows/domain/failure.ts';
import {
  acknowledgedLetters,
  afterLaunch,
  afterSettling,
  mailboxOf,
  withLetter,
  withoutLetters,
} from '../../../../workflows/domain/mail/mailbox.ts';

const failure: Failure = { type: 'GateRed', what: 'w', evidence: 'e', next: 'n' };
const posted = (...all: readonly { about: string; convoy?: string }[]) =>
  all.reduce((box, one) => withLetter(box, { ...one, failure, at: 1 }), mailboxOf([]));
const abouts = ({ letters }: ReturnType<typeof posted>) => letters.map(({ about }) => about);

test('one letter about each thing, the newest, with an id of its own: what was read is not what has come since', () => {
  const box = posted({ about: 'a/a/one' }, { about: 'b' }, { about: 'a/a/one' });
  expect(box.letters.map(({ id, about }) => [id, about])).toEqual([
    [2, 'b'],
    [3, 'a/a/one'],
  ]);
  expect(abouts(withoutLetters(box, [1]))).toEqual(['b', 'a/a/one']);
  expect(abouts(withoutLetters(box, [3]))).toEqual(['b']);
});

test('a launch clears what was said of the convoy’s earlier launch, and of no other', () => {
  const box = posted(
    { about: 'a/core/one' },
    { about: 'ab/core/one' },
    { about: 'a' },
    { about: 'telling you of a', convoy: 'a' },
    { about: 'branch a of rig a' },
  );
  expect(abouts(afterLaunch(box, 'a'))).toEqual(['ab/core/one', 'branch a of rig a']);
});

test('a letter goes when what it is about is done, however long its name is', () => {
  const about = `branch ${'x'.repeat(400)}`;
  expect(abouts(afterSettling(posted({ about }, { about: 'b' }), about))).toEqual(['b']);
});

test('letters of a run that knew no ids get some, and ids are never used twice', () => {
  const older = mailboxOf([
    { about: 'a', failure, at: 1 },
    { about: 'b', failure, at: 2 },
  ]);
  expect(older).toMatchObject({ lastId: 2, letters: [{ id: 1 }, { id: 2 }] });
  const cleared = withoutLetters(older, [1, 2]);
  expect(
    withLetter(mailboxOf(cleared.letters, cleared.lastId), { about: 'c', failure, at: 3 }),
  ).toMatchObject({
    letters: [{ id: 3, about: 'c' }],
  });
});

test('two hundred letters at most, and short ones: they travel from run to run', () => {
  const many = Array.from({ length: 250 }, (_, at) => ({ about: `bead ${at} ${'y'.repeat(500)}` }));
  const { letters } = posted(...many);
  expect(letters).toHaveLength(200);
  expect(letters[0]?.id).toBe(51);
  expect(Math.max(...letters.map(({ about }) => about.length))).toBeLessThanOrEqual(200);
});

test('told again in the same words, a letter stays as acknowledged and as old as it was; other words are news', () => {
  const acknowledged = acknowledgedLetters(posted({ about: 'a' }), [1], 7);
  const again = withLetter(acknowledged, { about: 'a', failure, at: 9 });
  expect(again.letters).toMatchObject([{ id: 2, at: 1, acknowledged: 7 }]);
  const news = withLetter(acknowledged, { about: 'a', failure: { ...failure, what: 'else' }, at: 9 });
  expect(news.letters).toEqual([{ id: 2, about: 'a', failure: { ...failure, what: 'else' }, at: 9 }]);
});
