import { remembered } from '../../queue/queueParts.ts';
import type { Delivery } from '../../queue/refineryState.ts';
import { type SubmissionId, submissionIdOf, submissionKey, type Verdict } from '../../queue/submission.ts';
import { fold } from '../screening/fold.ts';
import type { QueueEvent } from '../screening/queue.ts';
import type { Book, Conflict, Entry } from './book.ts';

/** What an event makes of a book. */
export interface Reduced {
  readonly book: Book;
  readonly verdicts: readonly Delivery[];
}

export const only = (book: Book): Reduced => ({ book, verdicts: [] });

/** Tells the planner; what can no longer land is forgotten here, too. */
export const told = (book: Book, event: QueueEvent): Book => {
  const queue = fold(book.queue, event);
  const passed = new Set(queue.passed.map(({ id }) => id));
  return { ...book, queue, greens: book.greens.filter(({ run }) => passed.has(run)) };
};

export const entryOf = (book: Book, id: SubmissionId): Entry | undefined => {
  const key = submissionKey(id);
  return book.entries.find(({ submission }) => submissionKey(submission) === key);
};

export const verdictOf = (book: Book, id: SubmissionId): Verdict | undefined => {
  const key = submissionKey(id);
  return book.settled.findLast((verdict) => submissionKey(verdict) === key);
};

/** Undefined for one that withdrew meanwhile: it has its verdict. */
const delivery = (book: Book, id: SubmissionId, verdict: Verdict): readonly Delivery[] => {
  const entry = entryOf(book, id);
  return entry === undefined ? [] : [{ workflowId: entry.submission.workflowId, verdict }];
};

export const landedAs = (
  book: Book,
  members: readonly (SubmissionId & { readonly commit: string })[],
): readonly Delivery[] =>
  members.flatMap((one) =>
    delivery(book, one, { ...submissionIdOf(one), outcome: 'landed', commit: one.commit } as const),
  );

export const sentBackWith = (
  book: Book,
  id: SubmissionId,
  { failure, evidenceRef }: Conflict,
): readonly Delivery[] =>
  delivery(book, id, { ...submissionIdOf(id), outcome: 'sentBack', failure, evidenceRef } as const);

/** Takes what has its verdict out of the queue. */
export const settle = (book: Book, verdicts: readonly Delivery[], now: number): Reduced => {
  if (verdicts.length === 0) return only(book);
  const keys = new Set(verdicts.map(({ verdict }) => submissionKey(verdict)));
  const gone = book.entries.filter(({ submission }) => keys.has(submissionKey(submission)));
  const count = (outcome: Verdict['outcome']): number =>
    verdicts.filter(({ verdict }) => verdict.outcome === outcome).length;
  const next = told(book, { kind: 'left', at: now, branches: gone.map(({ id }) => id) });
  return {
    verdicts,
    book: {
      ...next,
      entries: book.entries.filter((one) => !gone.includes(one)),
      settled: remembered(book.settled, verdicts),
      landed: book.landed + count('landed'),
      sentBack: book.sentBack + count('sentBack'),
    },
  };
};

/** Whether the target is known to be green: only then is anybody sent back for not fitting onto it (G2). */
export const isTrusted = ({ tip, queue }: Book): boolean => tip !== undefined && !queue.base.doubted;

/** Those who do not merge with the target are told so once it is trusted. */
export const tellConflicts = (book: Book, now: number): Reduced => {
  if (!isTrusted(book)) return only(book);
  const verdicts = book.entries.flatMap(({ submission, conflict }) =>
    conflict === undefined ? [] : sentBackWith(book, submission, conflict),
  );
  return settle(book, verdicts, now);
};
