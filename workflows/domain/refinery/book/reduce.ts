/**
 * The merge queue of one rig and branch, as a reducer: the workflow feeds in what happened and does what `dutyOf` says. What to test
 * and when to land is the planner's (`screening`); here is what a submission's life is made of.
 *
 * Q1 Every submission ends with exactly one verdict, or is waiting (it may be told the same verdict again).
 * Q2 Only what was tested green as a whole is landed, and as exactly that tree (G2, I1), or what a person overrides by name.
 * Q3 Nobody is sent back on evidence of a group: only for a conflict with the target itself while that is known to be green, or red
 *    twice alone (I4).
 * Q4 A red base stops the queue; it is never a licence to merge (I5). After a person's override nothing lands until it is known.
 * Q5 The state is plain JSON of bounded size, since it travels through continue-as-new.
 */
import { withdrawal } from '../../queue/queueParts.ts';
import type { Delivery } from '../../queue/refineryState.ts';
import { submissionKey } from '../../queue/submission.ts';
import { looked, submitted, withdrawn } from './arrivals.ts';
import type { Book, BookEvent } from './book.ts';
import { notOverridden, overriding, overrode, settledOverride } from './override.ts';
import { decided, landed, tested } from './results.ts';
import { only, type Reduced, settle, tellConflicts, told } from './settling.ts';
import { takenIn } from './standby.ts';

/** Takes one event in; returns the next state and the verdicts to deliver. `now`: epoch ms. */
export const reduce = (book: Book, event: BookEvent, now: number): Reduced => {
  const first = changed(book, event, now);
  const second = tellConflicts(first.book, now);
  return {
    book: takenIn(settledOverride(second.book), now),
    verdicts: [...first.verdicts, ...second.verdicts],
  };
};

const changed = (book: Book, event: BookEvent, now: number): Reduced => {
  switch (event.kind) {
    case 'submitted':
      return submitted(book, event.submission, now);
    case 'withdrawn':
      return withdrawn(book, event.id, event.workflowId, now);
    case 'looked':
      return looked(book, event, now);
    case 'decided':
      return decided(book, event.decision, now);
    case 'tested':
      return tested(book, event.run, event.answer, now);
    case 'broken':
      return only(told(book, { kind: 'ended', at: now, run: event.run, outcome: { kind: 'broken' } }));
    case 'landed':
      return landed(book, event, now);
    case 'merged':
      return only({
        ...told(book, { kind: 'moved', at: now, footprint: undefined, tested: true }),
        ...{ tip: event.tip, merge: undefined, unseen: true },
      });
    case 'overriding':
      return only(overriding(book, event.id));
    case 'overrode':
      return overrode(book, event, now);
    case 'notOverridden':
      return notOverridden(book, event, now);
    case 'stale':
      return letGo(book, now);
    case 'failed':
      return stopped(book, event, now);
    case 'look':
      return only({ ...book, unseen: true });
    case 'paused':
      return only({ ...book, paused: event.reason });
    case 'closed':
      return only({
        ...told(book, { kind: 'set', at: now, policy: { leastPriority: event.least } }),
        closed: event.reason,
      });
    case 'resumed':
      return only(resumed(book));
    case 'ranked':
      return only(ranked(book, event));
  }
};

/** A landing that did not happen: what wanted to withdraw meanwhile may go, and the target is looked at. */
const letGo = ({ overriding: _, ...book }: Book, now: number): Reduced => {
  const gone = book.entries
    .filter(({ submission }) => book.withdrawing.includes(submissionKey(submission)))
    .map(
      ({ submission }): Delivery => ({ workflowId: submission.workflowId, verdict: withdrawal(submission) }),
    );
  // Tried again at once it would fail again: its members are confirmed anew, by a result that is known if nothing has changed.
  const passed = book.queue.passed.filter(({ id }) => id !== book.landing);
  const queue = { ...book.queue, passed };
  const next: Book = { ...book, queue, withdrawing: [], landing: undefined, merge: undefined, unseen: true };
  return settle(next, gone, now);
};

const stopped = (book: Book, event: Extract<BookEvent, { kind: 'failed' }>, now: number): Reduced => {
  const { book: next, verdicts } = letGo(book, now);
  return {
    verdicts,
    book: { ...next, unseen: false, stopped: { failure: event.failure, seen: event.seen } },
  };
};

/** Ends a pause and a stop, and opens for every priority; a target that was red is looked at as if it had moved. */
const resumed = (book: Book): Book => ({
  ...opened(book),
  paused: undefined,
  ...(book.stopped === undefined
    ? {}
    : { stopped: { failure: book.stopped.failure, seen: undefined }, unseen: true }),
});

const opened = ({ closed: _, ...book }: Book): Book => {
  const { leastPriority: __, ...policy } = book.queue.policy;
  return { ...book, queue: { ...book.queue, policy } };
};

const ranked = (book: Book, event: Extract<BookEvent, { kind: 'ranked' }>): Book => {
  const { key, priority, hotfix } = event;
  const found = book.entries.find(({ submission }) => submissionKey(submission) === key);
  if (found === undefined) return book;
  const rank = <T extends { readonly priority?: number; readonly hotfix?: boolean }>(one: T): T => {
    const { hotfix: before, ...rest } = one;
    const isHotfix = hotfix ?? before === true;
    return {
      ...rest,
      ...(priority === undefined ? {} : { priority }),
      ...(isHotfix ? { hotfix: true } : {}),
    } as T;
  };
  return {
    ...book,
    entries: book.entries.map((one) => (one === found ? rank(one) : one)),
    // The planner reads both at each plan; what runs goes on.
    queue: {
      ...book.queue,
      waiting: book.queue.waiting.map((one) => (one.id === found.id ? rank(one) : one)),
    },
  };
};
