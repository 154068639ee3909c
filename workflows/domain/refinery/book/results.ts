/** What comes of runs: their ends, landings, and what is sent back for them. */
import type { Failure } from '../../failure.ts';
import { baseRed, gateRed } from '../../queue/queueFailures.ts';
import type { Delivery, Group } from '../../queue/refineryState.ts';
import { submissionKey } from '../../queue/submission.ts';
import type { Decision, LiveRun } from '../screening/queue.ts';
import { seenOf } from './arrivals.ts';
import type { Book, BookEvent, Entry, GroupTested, LoneRed } from './book.ts';
import { endOf } from './ends.ts';
import { withRevert } from './override.ts';
import { entryOf, isTrusted, landedAs, only, type Reduced, sentBackWith, settle, told } from './settling.ts';

/** A plan is carried out: the run to land is named, who failed alone twice goes back, tests begin and end. */
export const decided = (book: Book, decision: Decision, now: number): Reduced => {
  const next = told(book, { kind: 'decided', at: now, decision });
  const wasted = book.counts.wasted + decision.cancel.length;
  const counted = { ...next, counts: { ...next.counts, wasted } };
  const standing = decision.redBase === true ? stoppedByBase(counted) : counted;
  if (decision.land !== undefined) return only({ ...standing, landing: decision.land });
  const verdicts = decision.reject.flatMap(({ branch }) => {
    const entry = book.entries.find(({ id }) => id === branch);
    return entry === undefined ? [] : sentBackWith(book, entry.submission, evidenceOf(entry));
  });
  return settle(standing, verdicts, now);
};

const evidenceOf = (entry: Entry): { failure: Failure; evidenceRef: string | undefined } => {
  const [before, red] = entry.reds?.length === 2 ? entry.reds : [undefined, entry.reds?.at(-1)];
  return red === undefined
    ? { failure: lostEvidence(entry), evidenceRef: undefined }
    : { failure: gateRed(groupOf(red), red.answer, before?.answer), evidenceRef: red.answer.feedback.ref };
};

const groupOf = ({ base, commit }: LoneRed): Group => ({
  ...{ base, baseTree: '', gateHash: '', commit, tree: '', members: [], upstream: undefined },
});

/** Nothing is sent back on less than two runs; a book that was mended by hand may have lost what they said. */
const lostEvidence = ({ submission }: Entry): Failure => ({
  type: 'GateRed',
  what: `Alone on the target, ${submission.bead} failed the gates twice.`,
  evidence: `head ${submission.head}`,
  next: 'Rebase onto the target, repair, and submit again; the town does this by itself.',
});

const stoppedByBase = (book: Book): Book => {
  const { baseRed: red, tip } = book;
  if (red === undefined || tip === undefined || book.stopped !== undefined) return book;
  const failure = withRevert(book, baseRed(book, groupOf(red), red.answer));
  return { ...book, stopped: { failure, seen: seenOf({ tip, upstream: undefined }) } };
};

/** The test of a group has ended. */
export const tested = (book: Book, run: number, answer: GroupTested, now: number): Reduced => {
  const live = book.queue.running.find(({ id }) => id === run);
  if (live === undefined) return only(book);
  const counts = { ...book.counts, tests: book.counts.tests + 1 };
  const gone = withoutMisfits({ ...book, counts }, answer, now);
  const ended = endOf(gone.book, { ...live, members: heldBy(book, live, answer) }, answer, now);
  return { book: ended, verdicts: gone.verdicts };
};

/** Members that are in what was tested: all but those that did not merge. Whoever has left meanwhile is in it all the same. */
const heldBy = ({ entries }: Book, run: LiveRun, { members }: GroupTested): readonly number[] => {
  const keys = new Set(members.map(submissionKey));
  const out = new Set(
    entries.flatMap(({ id, submission }) => (keys.has(submissionKey(submission)) ? [] : [id])),
  );
  return run.members.filter((id) => !out.has(id));
};

/** Members that have landed already, or do not merge with the target itself. */
const withoutMisfits = (book: Book, answer: GroupTested, now: number): Reduced => {
  const trusted = isTrusted(book);
  const verdicts: Delivery[] = [...landedAs(book, answer.landed)];
  let next = book;
  for (const { failure, evidenceRef, ...id } of answer.conflicts) {
    const entry = entryOf(next, id);
    if (entry === undefined) continue;
    if (trusted || failure.type !== 'MergeConflict') {
      verdicts.push(...sentBackWith(next, id, { failure, evidenceRef }));
      continue;
    }
    const entries = next.entries.map((one) =>
      one === entry ? { ...one, conflict: { failure, evidenceRef } } : one,
    );
    next = told({ ...next, entries }, { kind: 'left', at: now, branches: [entry.id] });
  }
  return settle(next, verdicts, now);
};

/** A run's commit is the target now. */
export const landed = (book: Book, event: Extract<BookEvent, { kind: 'landed' }>, now: number): Reduced => {
  const { run, tip, members } = event;
  const ids = new Set(members.flatMap((one) => entryOf(book, one)?.id ?? []));
  const waited = book.entries.reduce((sum, { id, since }) => sum + (ids.has(id) ? now - since : 0), 0);
  const { counts } = book;
  const next = told(
    {
      ...book,
      tip,
      landing: undefined,
      // What landed on a red target was green with it.
      ...(book.stopped?.failure.type === 'BaseRed' ? { stopped: undefined, baseRed: undefined } : {}),
      counts: {
        ...counts,
        landings: counts.landings + 1,
        branches: counts.branches + ids.size,
        waitedMs: counts.waitedMs + waited,
      },
    },
    { kind: 'landed', at: now, run },
  );
  // The later one of a pair names the earlier.
  const conflicting = new Set(
    book.queue.waiting.flatMap(({ id, conflicts = [] }) => {
      if (ids.has(id)) return conflicts;
      return conflicts.some((one) => ids.has(one)) ? [id] : [];
    }),
  );
  const doubted = next.entries.map(
    (one): Entry =>
      conflicting.has(one.id) && !ids.has(one.id) ? { ...one, look: one.look ?? 'again' } : one,
  );
  const verdicts = landedAs(next, members);
  const settled = settle({ ...next, entries: doubted, unseen: book.upstream !== undefined }, verdicts, now);
  return { ...settled, book: withdraw(settled.book) };
};

/** Whoever has landed needs no withdrawal any more. */
const withdraw = (book: Book): Book => ({
  ...book,
  withdrawing: book.withdrawing.filter((key) =>
    book.entries.some(({ submission }) => submissionKey(submission) === key),
  ),
});
