import type { Book } from './book.ts';
import { overrideDue } from './override.ts';

/** What the workflow does next; tests run beside it. */
export type Duty =
  /** Nothing to do until a signal or the end of a test; with `lookAgain` also set a timer and look when it fires. */
  | { readonly kind: 'wait'; readonly lookAgain: boolean }
  /** Look at the target, and at submissions that the planner has not heard of. */
  | { readonly kind: 'look' }
  /** Test and land the merge of the person's branch. */
  | { readonly kind: 'merge' }
  | { readonly kind: 'land'; readonly run: number }
  /** Land a branch by a person's word alone. */
  | { readonly kind: 'override'; readonly id: number }
  /** Ask the planner. */
  | { readonly kind: 'plan' };

export const dutyOf = (book: Book): Duty => {
  const { landing, paused, stopped, unseen, entries, merge, queue } = book;
  if (paused !== undefined) return { kind: 'wait', lookAgain: false };
  if (landing !== undefined) return { kind: 'land', run: landing };
  if (stopped !== undefined) {
    const hotfixes = entries.filter(({ hotfix }) => hotfix === true);
    if (unseen || hotfixes.some(({ look }) => look !== undefined)) return { kind: 'look' };
    const override = overrideDue(book);
    if (override !== undefined) return { kind: 'override', id: override.id };
    // What mends a red target is tested and lands all the same: nothing else does.
    const mends = stopped.failure.type === 'BaseRed' && hotfixes.length > 0 && merge === undefined;
    return mends ? { kind: 'plan' } : { kind: 'wait', lookAgain: true };
  }
  const isClosed = queue.base.closed === true;
  if (entries.length === 0 && queue.running.length === 0 && !isClosed)
    return { kind: 'wait', lookAgain: false };
  if (unseen || isLookDue(book)) return { kind: 'look' };
  // Also after an override: it is tested with it, so it lands only where it mends it.
  if (merge !== undefined) return { kind: 'merge' };
  const override = overrideDue(book);
  if (override !== undefined) return { kind: 'override', id: override.id };
  return { kind: 'plan' };
};

/**
 * Whoever comes while all slots are busy is looked at when one is free, together with all others that came: a look costs a dozen
 * processes of git, for one or for a hundred. What may have stopped fitting must not be tested, and a hotfix takes a slot of its own.
 */
const isLookDue = ({ entries, queue }: Book): boolean => {
  const isBusy = queue.running.length >= queue.slots;
  return entries.some(
    ({ look, hotfix }) => look === 'again' || (look === 'new' && (!isBusy || hotfix === true)),
  );
};
