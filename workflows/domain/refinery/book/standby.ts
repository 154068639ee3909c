/**
 * A bead's own submission while a person lands the bead directly: it is kept beside the queue. Sent away it would come again at once,
 * and in the queue it would be tested beside itself.
 */
import { type Submission, type SubmissionId, submissionKey } from '../../queue/submission.ts';
import type { Book, Entry } from './book.ts';

const isDirect = ({ submission }: Entry): boolean => submission.direct !== undefined;

/** Whether a person lands it directly just now. */
export const isLandedDirectly = ({ entries }: Book, { bead, direct }: Submission): boolean =>
  direct === undefined && entries.some((one) => isDirect(one) && one.submission.bead === bead);

/** Keeps it; of several of one bead the newest. */
export const putAside = (book: Book, one: Submission): Book => ({
  ...book,
  standby: [...(book.standby ?? []).filter(({ bead }) => bead !== one.bead), one],
});

export const isAside = ({ standby = [] }: Book, id: SubmissionId): boolean => {
  const key = submissionKey(id);
  return standby.some((one) => submissionKey(one) === key);
};

export const forgotten = (book: Book, id: SubmissionId): Book =>
  isAside(book, id)
    ? { ...book, standby: book.standby?.filter((one) => submissionKey(one) !== submissionKey(id)) ?? [] }
    : book;

/** Whose direct landing is over comes into the queue: a look finds out whether it has landed with it. */
export const takenIn = (book: Book, now: number): Book => {
  const { standby = [] } = book;
  const free = standby.filter((one) => !isLandedDirectly(book, one));
  if (free.length === 0) return book;
  const entries = free.map(
    (submission, at): Entry => ({ id: book.nextId + at, submission, since: now, look: 'new' }),
  );
  return {
    ...book,
    nextId: book.nextId + free.length,
    entries: [...book.entries, ...entries],
    standby: standby.filter((one) => !free.includes(one)),
  };
};
