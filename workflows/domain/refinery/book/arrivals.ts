/** What comes into the queue, and what is found of it before the planner hears of it. */
import { withdrawal } from '../../queue/queueParts.ts';
import type { Delivery } from '../../queue/refineryState.ts';
import { type Submission, type SubmissionId, submissionKey } from '../../queue/submission.ts';
import type { Book, BookEvent, Entry, Looked } from './book.ts';
import { closedBy } from './override.ts';
import { entryOf, landedAs, only, type Reduced, settle, told, verdictOf } from './settling.ts';
import { forgotten, isLandedDirectly, putAside } from './standby.ts';

export const submitted = (book: Book, one: Submission, now: number): Reduced => {
  if (entryOf(book, one) !== undefined) return only(book);
  const verdict = verdictOf(book, one);
  if (verdict !== undefined) return { book, verdicts: [{ workflowId: one.workflowId, verdict }] };
  const others = book.entries.filter(({ submission }) => submission.bead === one.bead);
  if (isLandedDirectly(book, one)) return only(putAside(book, one));
  if (others.some(({ submission }) => submission.attempt > one.attempt)) {
    return settle(book, [{ workflowId: one.workflowId, verdict: withdrawal(one) }], now);
  }
  // What is landing keeps its place and its verdict to come; the newer attempt is then found landed.
  const landing = others.filter((other) => isLanding(book, other));
  const replaced = others.filter((other) => !landing.includes(other));
  const [first] = replaced;
  const entry: Entry = {
    ...{ id: book.nextId, submission: one, since: first?.since ?? now, look: 'new' },
    ...(first?.priority === undefined ? {} : { priority: first.priority }),
    ...(first?.hotfix === undefined && one.direct === undefined ? {} : { hotfix: true as const }),
  };
  const gone = replaced.map(
    ({ submission }): Delivery => ({ workflowId: submission.workflowId, verdict: withdrawal(submission) }),
  );
  const withdrawing = [...book.withdrawing, ...landing.map(({ submission }) => submissionKey(submission))];
  return settle(
    { ...book, nextId: book.nextId + 1, entries: [...book.entries, entry], withdrawing },
    gone,
    now,
  );
};

export const withdrawn = (book: Book, id: SubmissionId, workflowId: string, now: number): Reduced => {
  const known = verdictOf(book, id);
  if (known !== undefined) return { book, verdicts: [{ workflowId, verdict: known }] };
  const entry = entryOf(book, id);
  if (entry !== undefined && isLanding(book, entry)) {
    return only({ ...book, withdrawing: [...book.withdrawing, submissionKey(id)] });
  }
  // An unknown one is settled too: its `submit` may still be on the way.
  return settle(forgotten(book, id), [{ workflowId, verdict: withdrawal(id) }], now);
};

/** Members of the run that is being landed. */
const isLanding = ({ landing, greens, overriding }: Book, { id, submission }: Entry): boolean =>
  id === overriding ||
  greens.some(
    ({ run, members }) =>
      run === landing && members.some((one) => submissionKey(one) === submissionKey(submission)),
  );

/** Takes in where the target is and how submissions stand to it. */
export const looked = (book: Book, event: Extract<BookEvent, { kind: 'looked' }>, now: number): Reduced => {
  const { tip, isGreen, slots, upstream } = event;
  let next: Book = { ...book, tip, unseen: false };
  if (slots !== book.queue.slots) next = told(next, { kind: 'set', at: now, slots });
  const { stopped } = book;
  const isNews = book.tip?.commit !== tip.commit || book.tip.gateHash !== tip.gateHash;
  const goesOn = stopped !== undefined && stopped.seen !== seenOf(event);
  if (isNews) next = { ...next, era: (book.era ?? 0) + 1 };
  // Whoever went on by hand wants the target to be looked at as if it were new.
  if (isNews || goesOn)
    next = told(next, { kind: 'moved', at: now, footprint: undefined, ...(isGreen ? { tested: true } : {}) });
  if (goesOn) next = { ...next, stopped: undefined, baseRed: undefined };
  const { book: seen, verdicts } = found(next, event.found, now);
  if (upstream?.conflict !== undefined)
    return { verdicts, book: { ...seen, stopped: { failure: upstream.conflict, seen: seenOf(event) } } };
  return { verdicts, book: { ...seen, merge: upstream?.merge } };
};

/** Whether nobody but this queue has moved the target since these were looked at: none of them can be on it. */
export const wereLooked = ({ entries, era = 0 }: Book, ids: readonly number[]): boolean => {
  const eras = new Map(entries.map((one) => [one.id, one.era]));
  return ids.every((id) => eras.get(id) === era);
};

/** What a stop was decided on: it is over when the target, its upstream or the gates are no longer these. */
export const seenOf = ({
  tip,
  upstream,
}: Pick<Extract<BookEvent, { kind: 'looked' }>, 'tip'> & {
  readonly upstream: { readonly tip: string } | undefined;
}): string => `${tip.commit} ${tip.gateHash} ${upstream?.tip ?? ''}`;

const found = (book: Book, answers: readonly Looked[], now: number): Reduced => {
  let next = book;
  const verdicts: Delivery[] = [];
  for (const one of answers) {
    const entry = entryOf(next, one);
    if (entry === undefined) continue;
    if (one.outcome === 'landed') {
      // Without a test, by a run of this queue that was lost.
      const closed = closedBy(next, entry, one.commit, now);
      const settled = settle(closed, landedAs(closed, [one]), now);
      verdicts.push(...settled.verdicts);
      next = settled.book;
    } else next = placed(next, entry, one, now);
  }
  return { book: next, verdicts };
};

const placed = (book: Book, entry: Entry, one: Exclude<Looked, { outcome: 'landed' }>, now: number): Book => {
  const { look, conflict, ...before } = entry;
  const known = { ...before, era: book.era ?? 0 };
  const isConflict = one.outcome === 'conflicts';
  const seen: Entry = isConflict
    ? { ...known, conflict: { failure: one.failure, evidenceRef: one.evidenceRef } }
    : known;
  const next = { ...book, entries: book.entries.map((other) => (other === entry ? seen : other)) };
  if (isConflict) return told(next, { kind: 'left', at: now, branches: [entry.id] });
  if (look === 'again') return next;
  const keys = new Set(one.conflicts);
  const conflicts = book.entries
    .filter((other) => other !== entry && keys.has(submissionKey(other.submission)))
    .map(({ id }) => id);
  return told(next, {
    kind: 'arrived',
    at: now,
    branch: {
      ...{ id: entry.id, arrivedAt: now },
      ...(entry.priority === undefined ? {} : { priority: entry.priority }),
      ...(entry.hotfix === undefined ? {} : { hotfix: entry.hotfix }),
      ...(one.footprint === undefined ? {} : { footprint: one.footprint }),
      ...(conflicts.length === 0 ? {} : { conflicts }),
    },
  });
};
