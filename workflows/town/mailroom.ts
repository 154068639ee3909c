import { setHandler } from '@temporalio/workflow';
import { overseer } from '../domain/mail/addressee.ts';
import {
  acknowledgedLetters,
  afterLaunch,
  afterSettling,
  type CarriedLetter,
  type Letter,
  mailboxOf,
  remindedOf,
  withLetter,
  withoutLetters,
} from '../domain/mail/mailbox.ts';
import { givenBack, messageFault, takenNotes, withMessage } from '../domain/mail/message.ts';
import {
  letterIds,
  mailShape,
  messageShape,
  notesBackShape,
  settledShape,
  takeNotesShape,
} from '../domain/messageShapes.ts';
import {
  acknowledgeMail,
  clearMail,
  type Mail,
  mail,
  notesBack,
  type SentMessage,
  sendMessage,
  settled,
  takeNotes,
} from '../messages.ts';
import { receive, refused, refuseUnfit } from '../receive.ts';

/** What the mailroom carries from run to run; runs before there were ids carry letters only. */
export interface MailBooks {
  readonly mailbox: readonly CarriedLetter[];
  /** Id of the last letter. */
  readonly lastLetter?: number;
}

/** Keeps what needs a person until it is done, or they have seen it; and what is said to the mayor and to crews. */
export interface Mailroom {
  post(letter: Mail): void;
  /** A convoy of this name has been launched, maybe again. */
  launched(convoy: string): void;
  /** Oldest first. */
  letters(): readonly Letter[];
  /** The person has been reminded of these. */
  reminded(ids: readonly number[]): void;
  books(): MailBooks;
}

/** `tell`: a letter that a person is to hear of outside the town. */
export const openMailroom = (carried: Partial<MailBooks>, tell: (letter: Letter) => void): Mailroom => {
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
      const cleared = named(ids);
      box = withoutLetters(box, ids);
      return cleared;
    },
    {
      description: 'Takes letters out of the mailbox, by id',
      validator: (ids: readonly number[]) => refuseUnknown('clearMail', ids),
    },
  );
  setHandler(
    acknowledgeMail,
    (ids) => {
      box = acknowledgedLetters(box, ids, Date.now());
      return named(ids);
    },
    {
      description: 'Takes note of letters, by id: no reminders',
      validator: (ids: readonly number[]) => refuseUnknown('acknowledgeMail', ids),
    },
  );
  setHandler(
    sendMessage,
    ({ notify, ...message }) => {
      const before = box;
      box = withMessage(box, message, Date.now());
      const letter = box.letters.find(({ key }) => key === message.id) as Letter;
      const { to = overseer, severity = 'info' } = letter;
      if (box !== before && to === overseer && (notify ?? severity !== 'info')) tell(letter);
      return letter;
    },
    {
      description: 'A message to the Overseer, the mayor or a crew',
      validator: (message: SentMessage) => {
        refuseUnfit('sendMessage', messageShape, message);
        const fault = messageFault(box, message);
        if (fault !== undefined)
          throw refused(`${fault}.`, {
            evidence: '',
            next: 'See them with `gt inbox --everybody`, and take away what is done with `gt inbox clear ID…`.',
          });
      },
    },
  );
  setHandler(
    takeNotes,
    (request) => {
      const taken = takenNotes(box, request);
      box = taken.mailbox;
      return taken.notes;
    },
    {
      description: 'What the mayor is to be told',
      validator: (request: unknown) => refuseUnfit('takeNotes', takeNotesShape, request),
    },
  );
  receive(notesBack, notesBackShape, ({ by }) => {
    box = givenBack(box, by);
  });

  return {
    post,
    launched: (convoy) => {
      box = afterLaunch(box, convoy);
    },
    letters: () => box.letters,
    reminded: (ids) => {
      box = remindedOf(box, ids, Date.now());
    },
    books: () => ({ mailbox: box.letters, lastLetter: box.lastId }),
  };

  function named(ids: readonly number[]): readonly Letter[] {
    return box.letters.filter(({ id }) => ids.includes(id));
  }

  function refuseUnknown(update: string, ids: readonly number[]): void {
    refuseUnfit(update, letterIds, ids);
    const unknown = ids.filter((id) => !box.letters.some((one) => one.id === id));
    if (ids.length === 0 || unknown.length > 0)
      throw refused(`There is no such letter: ${unknown.join(', ') || 'none is named'}.`);
  }
};
