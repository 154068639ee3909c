import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Failure } from '../../../../workflows/domain/failure.ts';
import { isAddressee } from '../../../../workflows/domain/mail/addressee.ts';
import {
  afterLaunch,
  lettersTo,
  type Mailbox,
  mailboxOf,
  withLetter,
} from '../../../../workflows/domain/mail/mailbox.ts';
import {
  givenBack,
  type Message,
  messageFault,
  mostWaiting,
  takenNotes,
  withMessage,
} from '../../../../workflows/domain/mail/message.ts';
import { cleanWords, longestWords, wordsFault } from '../../../../workflows/domain/mail/words.ts';

const failure: Failure = { type: 'GateRed', what: 'w', evidence: 'e', next: 'n' };
const message = (id: string, to: Message['to'] = 'mayor', text = `text of ${id}`): Message => ({
  ...{ id, to, from: 'ci', text },
});
const sent = (...all: readonly Message[]): Mailbox =>
  all.reduce((box, one) => withMessage(box, one, 5), mailboxOf([]));

test('a message sent twice is one letter, and no launch takes it away', () => {
  const box = sent(message('a'), message('a'), message('b', 'overseer'));
  expect(box.letters.map(({ id, key, to }) => [id, key, to])).toEqual([
    [1, 'a', 'mayor'],
    [2, 'b', undefined],
  ]);
  expect(afterLaunch(box, 'from ci')).toEqual(box);
});

test('what the mayor takes is told to one planner, again to the same one, and to the next when it is given back', () => {
  const box = sent(
    message('a'),
    message('b', 'mayor/app'),
    message('c', 'mayor/web'),
    message('d', 'crew/app'),
  );
  const first = takenNotes(box, { by: 'one', rig: 'app' });
  expect(first.notes.map(({ text }) => text)).toEqual(['text of a', 'text of b']);
  expect(takenNotes(first.mailbox, { by: 'one', rig: 'app' }).notes).toEqual(first.notes);
  expect(takenNotes(first.mailbox, { by: 'two', rig: 'app' }).notes).toEqual([]);
  expect(takenNotes(givenBack(first.mailbox, 'one'), { by: 'two', rig: 'app' }).notes).toEqual(first.notes);
  expect(takenNotes(givenBack(first.mailbox, 'other'), { by: 'two', rig: 'app' }).notes).toEqual([]);
});

test('G5: however planners take and give back, no note is told to two of them at once, and none is lost', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('take' as const), by: fc.constantFrom('x', 'y', 'z') }),
    fc.record({ kind: fc.constant('back' as const), by: fc.constantFrom('x', 'y', 'z') }),
    fc.record({ kind: fc.constant('send' as const), by: fc.constantFrom('1', '2', '3', '4') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let box = mailboxOf([]);
      const holders = new Map<string, string | undefined>();
      for (const { kind, by } of steps) {
        if (kind === 'send') {
          box = withMessage(box, message(by), 1);
          if (!holders.has(by)) holders.set(by, undefined);
        } else if (kind === 'back') {
          box = givenBack(box, by);
          for (const [id, holder] of holders) if (holder === by) holders.set(id, undefined);
        } else {
          const { mailbox, notes } = takenNotes(box, { by, rig: 'app' });
          box = mailbox;
          for (const [id, holder] of holders) if (holder === undefined) holders.set(id, by);
          const own = [...holders].filter(([, holder]) => holder === by).map(([id]) => `text of ${id}`);
          expect(notes.map(({ text }) => text).toSorted()).toEqual(own.toSorted());
        }
      }
    }),
  );
});

test('letters to the person never push out what waits for others, and too many of those are refused', () => {
  let box = sent(...Array.from({ length: mostWaiting }, (_, at) => message(`m-${at}`, 'crew/app')));
  expect(messageFault(box, { to: 'mayor' })).toContain('none of them may be lost');
  expect(messageFault(box, { to: 'overseer' })).toBeUndefined();
  for (let at = 0; at < 300; at++) box = withLetter(box, { about: `bead ${at}`, failure, at });
  expect(lettersTo(box.letters, 'crew/app')).toHaveLength(mostWaiting);
  expect(lettersTo(box.letters, 'overseer')).toHaveLength(200);
});

test('what planners have read is kept for a while, and makes room in the end', () => {
  let box = mailboxOf([]);
  for (let at = 0; at < 60; at++) {
    box = withMessage(box, message(`m-${at}`), at);
    box = takenNotes(box, { by: `plan-${at}`, rig: 'app' }).mailbox;
  }
  expect(box.letters).toHaveLength(20);
  expect(messageFault(box, { to: 'mayor' })).toBeUndefined();
});

test('G9: a text is kept without what could drive a terminal, and is refused when nothing or too much is left', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const clean = cleanWords(text);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
      expect(clean).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
      expect(wordsFault(text) === undefined).toBe(clean !== '');
    }),
  );
  expect(wordsFault('x'.repeat(longestWords))).toBeUndefined();
  expect(wordsFault('x'.repeat(longestWords + 1))).toContain('at most 4000');
});

test.each([
  ['overseer', true],
  ['mayor', true],
  ['mayor/app', true],
  ['crew/app', true],
  ['crew', false],
  ['crew/', false],
  ['crew/a/b', false],
  ['mayor/../x', false],
  ['Overseer', false],
  ['', false],
])('%j is an addressee: %s', (text, is) => {
  expect(isAddressee(text)).toBe(is);
});
