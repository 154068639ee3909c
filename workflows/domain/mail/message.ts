/** What people say to each other and to the mayor by way of the town's mailbox. */

import { clip } from '../failure.ts';
import { type Addressee, isForMayorOf, overseer } from './addressee.ts';
import { fitting, type Letter, type Mailbox } from './mailbox.ts';
import type { Severity } from './severity.ts';
import { cleanWords, longestWords } from './words.ts';

/** Something that one says to another, by way of the mailbox. */
export interface Message {
  readonly id: string;
  readonly to: Addressee;
  readonly from: string;
  readonly text: string;
  readonly severity?: Severity;
}

/** A message as the one who it is for gets it. */
export interface Note {
  readonly from: string;
  readonly text: string;
  readonly at: number;
}

/** Letters to others than the Overseer that may wait: more are refused, since none of them may be lost. */
export const mostWaiting = 40;

/** With a message of somebody; the same one again changes nothing. */
export const withMessage = (
  mailbox: Mailbox,
  { id, to, from, text, severity }: Message,
  at: number,
): Mailbox => {
  if (mailbox.letters.some(({ key }) => key === id)) return mailbox;
  const words = clip(cleanWords(text), longestWords);
  const letter: Letter = {
    id: mailbox.lastId + 1,
    about: `from ${clip(cleanWords(from), 100)}`,
    failure: { type: 'Message', what: words, evidence: '', next: messageNext(to, mailbox.lastId + 1) },
    at,
    key: id,
    // So that no launch of a convoy of this name takes it away.
    convoy: '',
    ...(to === overseer ? {} : { to }),
    ...(severity === undefined ? {} : { severity }),
  };
  return { letters: fitting([...mailbox.letters, letter]), lastId: letter.id };
};

const messageNext = (to: Addressee, id: number): string =>
  to === overseer || to.startsWith('crew/')
    ? `Take it away when it is done: gt inbox clear ${id}`
    : `Nothing: the mayor reads it when it plans next. To take it back: gt inbox clear ${id}`;

/** Why a message cannot be taken; undefined when it can. */
export const messageFault = ({ letters }: Mailbox, { to }: Pick<Message, 'to'>): string | undefined => {
  if (to === overseer) return;
  const waiting = letters.filter((one) => one.to !== undefined && one.takenBy === undefined);
  return waiting.length < mostWaiting
    ? undefined
    : `${waiting.length} letters to mayor and crews wait already, and none of them may be lost`;
};

/** What the mayor has to be told when it plans for a rig: told to one planner, and to the same one again (G5). */
export const takenNotes = (
  mailbox: Mailbox,
  { by, rig }: { readonly by: string; readonly rig: string },
): { readonly mailbox: Mailbox; readonly notes: readonly Note[] } => {
  const letters = mailbox.letters.map((one) =>
    one.takenBy === undefined && isForMayorOf(one.to, rig) ? { ...one, takenBy: by } : one,
  );
  const notes = letters
    .filter(({ takenBy }) => takenBy === by)
    .map(({ about, failure, at }) => ({ from: about.replace(/^from /, ''), text: failure.what, at }));
  return { mailbox: { ...mailbox, letters: fitting(letters) }, notes };
};

/** Nothing came of who took them: the next one is told. */
export const givenBack = (mailbox: Mailbox, by: string): Mailbox => ({
  ...mailbox,
  letters: mailbox.letters.map(({ takenBy, ...one }) =>
    takenBy === undefined || takenBy === by ? one : { ...one, takenBy },
  ),
});
