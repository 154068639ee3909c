/** The letters that the town keeps for its person: one about each thing, until it is done or they have cleared it. */

import { clip, type Failure } from '../failure.ts';
import { type Addressee, overseer } from './addressee.ts';
import { raisedSeverity, type Severity, severityOf } from './severity.ts';

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
  /** Whom it is for; the Overseer when left out. */
  readonly to?: Addressee;
  /** What its sender gave it, or what reminders have raised it to; else its failure tells. */
  readonly severity?: Severity;
  /** Somebody has taken note of it, epoch ms: no reminders. */
  readonly acknowledged?: number;
  /** How often the person was reminded of it, and when last. */
  readonly reminders?: number;
  readonly remindedAt?: number;
  /** The name that its sender gave it: sent twice, it is one letter (G5). */
  readonly key?: string;
  /** Who was told it: what a planner has read is not read to the next. */
  readonly takenBy?: string;
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

/** Notes that a planner has read are kept for its repeats. */
const mostTaken = 20;

export const mailboxOf = (carried: readonly CarriedLetter[], lastId = 0): Mailbox => {
  let last = carried.reduce((most, { id = 0 }) => Math.max(most, id), lastId);
  return { letters: carried.map((letter) => ({ ...letter, id: letter.id ?? ++last })), lastId: last };
};

/** The newest word on a thing is the one that counts. */
export const withLetter = (
  { letters, lastId }: Mailbox,
  { about, failure: { type, what, evidence, next }, at, convoy, severity }: Omit<Letter, 'id'>,
): Mailbox => {
  const letter: Letter = {
    id: lastId + 1,
    about: clip(about, 200),
    failure: { type, what: clip(what, 1_000), evidence: clip(evidence), next: clip(next, 1_000) },
    at,
    ...(convoy === undefined ? {} : { convoy: clip(convoy, 200) }),
    ...(severity === undefined ? {} : { severity }),
  };
  const others = letters.filter((one) => one.about !== letter.about);
  const before = letters.find((one) => one.about === letter.about);
  return { letters: fitting([...others, { ...letter, ...noted(before, letter) }]), lastId: letter.id };
};

/** Told again in the same words it is no news: who took note of it need not do so again. */
const noted = (before: Letter | undefined, { failure }: Letter): Partial<Letter> => {
  if (before?.failure.type !== failure.type || before.failure.what !== failure.what) return {};
  const { at, severity, acknowledged, reminders, remindedAt } = before;
  return {
    at,
    ...(severity === undefined ? {} : { severity }),
    ...(acknowledged === undefined ? {} : { acknowledged }),
    ...(reminders === undefined ? {} : { reminders }),
    ...(remindedAt === undefined ? {} : { remindedAt }),
  };
};

/** Only letters to the Overseer make room for newer ones; their reasons are in the histories. */
export const fitting = (letters: readonly Letter[]): readonly Letter[] => {
  const taken = letters.filter((one) => one.takenBy !== undefined);
  const gone = new Set(taken.slice(0, -mostTaken));
  const own = letters.filter((one) => one.to === undefined);
  for (const one of own.slice(0, -newest)) gone.add(one);
  return gone.size === 0 ? letters : letters.filter((one) => !gone.has(one));
};

export const lettersTo = (letters: readonly Letter[], to: Addressee): readonly Letter[] =>
  letters.filter((one) => (one.to ?? overseer) === to);

/** How much it presses; undefined for a message that was given no severity. */
export const pressureOf = ({ severity, failure }: Letter): Severity | undefined =>
  severity ?? severityOf(failure.type);

export const acknowledgedLetters = (mailbox: Mailbox, ids: readonly number[], at: number): Mailbox => ({
  ...mailbox,
  letters: mailbox.letters.map((one) =>
    ids.includes(one.id) && one.acknowledged === undefined ? { ...one, acknowledged: at } : one,
  ),
});

/** With a reminder of these told: each presses more from now on. */
export const remindedOf = (mailbox: Mailbox, ids: readonly number[], at: number): Mailbox => ({
  ...mailbox,
  letters: mailbox.letters.map((one) =>
    ids.includes(one.id)
      ? {
          ...one,
          severity: raisedSeverity(pressureOf(one) ?? 'info'),
          reminders: (one.reminders ?? 0) + 1,
          remindedAt: at,
        }
      : one,
  ),
});

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
