import { setHandler } from '@temporalio/workflow';
import {
  afterLaunch,
  afterSettling,
  type CarriedLetter,
  type Letter,
  mailboxOf,
  withLetter,
  withoutLetters,
} from '../domain/mailbox.ts';
import { letterIds, mailShape, settledShape } from '../domain/messageShapes.ts';
import { clearMail, type Mail, mail, settled } from '../messages.ts';
import { receive, refused, refuseUnfit } from '../receive.ts';

/** What the mailroom carries from run to run; runs before there were ids carry letters only. */
export interface MailBooks {
  readonly mailbox: readonly CarriedLetter[];
  /** Id of the last letter. */
  readonly lastLetter?: number;
}

/** Keeps what needs a person until it is done, or they have seen it. */
export interface Mailroom {
  post(letter: Mail): void;
  /** A convoy of this name has been launched, maybe again. */
  launched(convoy: string): void;
  /** Oldest first. */
  letters(): readonly Letter[];
  books(): MailBooks;
}

export const openMailroom = (carried: Partial<MailBooks>): Mailroom => {
  let box = mailboxOf(carried.mailbox ?? [], carried.lastLetter);
  const post = (letter: Mail): void => {
    box = withLetter(box, { ...letter, at: Date.now() });
  };

  receive(mail, mailShape, post);
  receive(settled, settledShape, ({ about }) => {
    box = afterSettling(box, about);
  });
  setHandler(
    clearMail,
    (ids) => {
      const cleared = box.letters.filter(({ id }) => ids.includes(id));
      box = withoutLetters(box, ids);
      return cleared;
    },
    {
      description: 'Takes letters out of the mailbox, by id',
      validator: (ids: readonly number[]) => {
        refuseUnfit('clearMail', letterIds, ids);
        const unknown = ids.filter((id) => !box.letters.some((one) => one.id === id));
        if (ids.length === 0 || unknown.length > 0)
          throw refused(`There is no such letter: ${unknown.join(', ') || 'none is named'}.`);
      },
    },
  );

  return {
    post,
    launched: (convoy) => {
      box = afterLaunch(box, convoy);
    },
    letters: () => box.letters,
    books: () => ({ mailbox: box.letters, lastLetter: box.lastId }),
  };
};
