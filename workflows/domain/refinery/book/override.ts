/**
 * A person's override lands one branch without a run of the gates. The planner has no say in it; afterwards the queue is closed until
 * the target itself passes, or a repair of it does (Q4).
 */
import type { Failure } from '../../failure.ts';
import type { GroupMember } from '../../queue/refineryState.ts';
import { submissionKey } from '../../queue/submission.ts';
import { oneLine } from '../../text.ts';
import type { Book, Conflict, Entry, Tip } from './book.ts';
import { entryOf, landedAs, only, type Reduced, sentBackWith, settle, told } from './settling.ts';

/** What landed without a test, as long as nobody knows whether the target is green with it. */
export interface Untested {
  readonly commit: string;
  readonly bead: string;
  readonly by: string;
  readonly reason: string;
}

/** What came of an override. */
export type Overrode =
  | { readonly kind: 'overrode'; readonly id: number; readonly tip: Tip; readonly member: GroupMember }
  /** It does not merge with the target, or is on it already. */
  | {
      readonly kind: 'notOverridden';
      readonly id: number;
      readonly because: Conflict | { readonly landed: string };
    };

/** The branch that lands now by a person's word alone; after one the next waits until the target is known to be green, or to be red. */
export const overrideDue = ({ entries, queue, merge, stopped }: Book): Entry | undefined => {
  const isRed = stopped?.failure.type === 'BaseRed';
  if (merge !== undefined || (stopped !== undefined && !isRed)) return;
  if (queue.base.closed === true && !isRed) return;
  return entries.find(
    ({ submission, look, conflict }) =>
      submission.direct?.untested !== undefined && look === undefined && conflict === undefined,
  );
};

/** From now on it cannot be withdrawn any more, until it is known what came of it. */
export const overriding = (book: Book, id: number): Book =>
  book.entries.some((one) => one.id === id) ? { ...book, overriding: id } : book;

export const overrode = (
  { overriding: _, ...book }: Book,
  { id, tip, member }: Extract<Overrode, { kind: 'overrode' }>,
  now: number,
): Reduced => {
  const entry = entryOf(book, member);
  const { counts, stopped } = book;
  const next: Book = {
    ...book,
    ...{ tip, unseen: book.upstream !== undefined },
    ...(stopped?.failure.type === 'BaseRed' ? { stopped: undefined, baseRed: undefined } : {}),
    withdrawing: book.withdrawing.filter((key) => key !== submissionKey(member)),
    entries: doubted(book, id),
    counts: {
      ...counts,
      ...{ landings: counts.landings + 1, branches: counts.branches + 1 },
      waitedMs: counts.waitedMs + (entry === undefined ? 0 : now - entry.since),
    },
  };
  const closed = closedBy(next, entry, tip.commit, now);
  return settle(closed, landedAs(closed, [member]), now);
};

/** Those that do not merge with it may not merge with the target any more. */
const doubted = ({ entries, queue }: Book, id: number): readonly Entry[] => {
  const conflicting = new Set(
    queue.waiting.flatMap((one) => {
      if (one.id === id) return one.conflicts ?? [];
      return one.conflicts?.includes(id) === true ? [one.id] : [];
    }),
  );
  return entries.map((one) =>
    conflicting.has(one.id) && one.id !== id ? { ...one, look: one.look ?? 'again' } : one,
  );
};

/** Nothing else lands until the target has passed with what this entry brought. */
export const closedBy = (book: Book, entry: Entry | undefined, commit: string, now: number): Book => {
  const { bead, direct } = entry?.submission ?? {};
  if (bead === undefined || direct?.untested === undefined) return book;
  const untested: Untested = { commit, bead, by: direct.by, reason: direct.untested };
  return told({ ...book, untested }, { kind: 'moved', at: now, footprint: undefined, closes: true });
};

export const notOverridden = (
  { overriding: _, ...book }: Book,
  { id, because }: Extract<Overrode, { kind: 'notOverridden' }>,
  now: number,
): Reduced => {
  const entry = book.entries.find((one) => one.id === id);
  if (entry === undefined) return only(book);
  const { submission } = entry;
  if (!('landed' in because)) return settle(book, sentBackWith(book, submission, because), now);
  // A try before this one has landed it, and nobody heard of it.
  const closed = closedBy({ ...book, unseen: true }, entry, because.landed, now);
  return settle(closed, landedAs(closed, [{ ...submission, commit: because.landed }]), now);
};

/** The target has passed, or was mended: nothing reminds of the override any more. */
export const settledOverride = (book: Book): Book => {
  if (book.untested === undefined || book.queue.base.closed === true) return book;
  const { untested: _, ...rest } = book;
  return rest;
};

/** What takes it back: a revert that is tested like everything else, and goes before all of it. */
export const revertCommand = ({ rig, target }: Pick<Book, 'rig' | 'target'>, commit: string): string =>
  `gt land --revert ${commit} --rig ${rig} --target ${target}`;

/** The target is red after an override: the stop says so, and how to take it back. */
export const withRevert = (book: Book, failure: Failure): Failure => {
  const { untested } = book;
  if (untested === undefined) return failure;
  const { commit, bead, by, reason } = untested;
  return {
    ...failure,
    what: `${failure.what} ${oneLine(bead)} landed on it as ${commit.slice(0, 12)} without a test.`,
    evidence: `Gates-Skipped: ${oneLine(by)}: ${oneLine(reason, 300)}\n${failure.evidence}`,
    next: `Take it back: \`${revertCommand(book, commit)}\`. Or repair it: ${failure.next}`,
  };
};
