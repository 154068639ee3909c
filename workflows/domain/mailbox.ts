/** The letters that the town keeps for its person: one about each thing, until it is done or they have cleared it. */
import { clip, type Failure } from './failure.ts';

export interface Letter {
  /** Names it for `gt inbox clear`; a newer letter about the same thing has another one. */
  readonly id: number;
  /** A bead, a convoy, a branch, a plan: in words. */
  readonly about: string;
  readonly failure: Failure;
  /** When it came, epoch ms. */
  readonly at: number;
  /** It is over when this convoy is launched again. */
  readonly convoy?: string;
}

/** Letters oldest first, each thing once. */
export interface Mailbox {
  readonly letters: readonly Letter[];
  /** Id of the last letter. */
  readonly lastId: number;
}

/** What was carried by a run that knew no ids. */
export type CarriedLetter = Omit<Letter, 'id'> & { readonly id?: number };

/** Two hundred letters go from run to run in one message. */
const newest = 200;

export const mailboxOf = (carried: readonly CarriedLetter[], lastId = 0): Mailbox => {
  let last = carried.reduce((most, { id = 0 }) => Math.max(most, id), lastId);
  return { letters: carried.map((letter) => ({ ...letter, id: letter.id ?? ++last })), lastId: last };
};

/** The newest word on a thing is the one that counts. */
export const withLetter = (
  { letters, lastId }: Mailbox,
  { about, failure: { type, what, evidence, next }, at, convoy }: Omit<Letter, 'id'>,
): Mailbox => {
  const letter: Letter = {
    id: lastId + 1,
    about: clip(about, 200),
    failure: { type, what: clip(what, 1_000), evidence: clip(evidence), next: clip(next, 1_000) },
    at,
    ...(convoy === undefined ? {} : { convoy: clip(convoy, 200) }),
  };
  const others = letters.filter((one) => one.about !== letter.about);
  return { letters: [...others, letter].slice(-newest), lastId: letter.id };
};

const without = (mailbox: Mailbox, isOver: (letter: Letter) => boolean): Mailbox => ({
  ...mailbox,
  letters: mailbox.letters.filter((one) => !isOver(one)),
});

/** A convoy has been launched, maybe again: what was said of its last launch is over, and it says anew what needs a person. */
export const afterLaunch = (mailbox: Mailbox, convoy: string): Mailbox =>
  without(mailbox, (one) => convoyOf(one) === convoy);

/** What a letter was about is done. */
export const afterSettling = (mailbox: Mailbox, about: string): Mailbox =>
  without(mailbox, (one) => one.about === clip(about, 200));

export const withoutLetters = (mailbox: Mailbox, ids: readonly number[]): Mailbox =>
  without(mailbox, ({ id }) => ids.includes(id));

/** Older letters name their convoy only as CONVOY or CONVOY/EPIC/BEAD. */
const convoyOf = ({ convoy, about }: Letter): string => convoy ?? about.split('/')[0] ?? '';
