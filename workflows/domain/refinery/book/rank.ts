/** What a person says of a branch in the queue: its priority, or that it is a hotfix. */

import type { Failure } from '../../failure.ts';
import { submissionKey } from '../../queue/submission.ts';
import { fits, flag, name, optional, record } from '../../shape.ts';
import { oneLine } from '../../text.ts';
import type { Book, BookEvent, Entry } from './book.ts';

export interface Rank {
  /** As the queue names it. */
  readonly bead: string;
  /** What is higher is tested first; usual is 0. */
  readonly priority?: number;
  /** Tested alone in a slot of its own, and landed first; false: no longer. */
  readonly hotfix?: boolean;
}

/** The least and the largest priority that a person may give. */
export const priorities = { least: -100, most: 100 } as const;

export const isPriority = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= priorities.least && Number(value) <= priorities.most;

const anyNumber = fits<number>('a number', (value) => typeof value === 'number');

/** Whether a priority is within bounds is told by `rankFault`, in its own words. */
export const rankShape = record({ bead: name, priority: optional(anyNumber), hotfix: optional(flag) });

/** Why it cannot be done, in three parts; undefined when it can. */
export const rankFault = (
  book: Book,
  { bead, priority, hotfix }: Rank,
): Pick<Failure, 'what' | 'evidence' | 'next'> | undefined => {
  if (priority === undefined && hotfix === undefined)
    return {
      what: 'Neither a priority nor a hotfix was said.',
      evidence: `for ${oneLine(bead)}`,
      next: 'Say one of them: gt refinery priority BEAD NUMBER, or gt refinery hotfix BEAD',
    };
  if (priority !== undefined && !isPriority(priority)) return priorityFault(priority);
  if (entryNamed(book, bead) !== undefined) return;
  const { settled, entries, rig, target } = book;
  const last = settled.findLast((one) => one.bead === bead);
  return {
    what: `${oneLine(bead)} is not in the merge queue of ${rig} ${oneLine(target)}.`,
    evidence:
      last === undefined
        ? `it has ${entries.length} in it, and remembers nothing of this one`
        : `attempt ${last.attempt} ${endText[last.outcome]}`,
    next: 'See what waits with: gt refinery queue',
  };
};

const endText = { landed: 'has landed', sentBack: 'was sent back', withdrawn: 'was withdrawn' } as const;

export const priorityFault = (priority: number): Pick<Failure, 'what' | 'evidence' | 'next'> => ({
  what: 'That is no priority.',
  evidence: `got ${priority}; a priority is a whole number from ${priorities.least} to ${priorities.most}, and usual is 0`,
  next: 'Give one of these: what is higher is tested first.',
});

/** The event that carries it out; undefined where the branch has left meanwhile. */
export const rankedBy = (book: Book, { bead, priority, hotfix }: Rank): BookEvent | undefined => {
  const entry = entryNamed(book, bead);
  if (entry === undefined) return;
  return {
    ...{ kind: 'ranked', key: submissionKey(entry.submission) },
    ...(priority === undefined ? {} : { priority }),
    ...(hotfix === undefined ? {} : { hotfix }),
  };
};

/** What its person is told. */
export const rankedText = ({ bead, priority, hotfix }: Rank): string =>
  [
    ...(priority === undefined ? [] : [`${bead} has priority ${priority} now`]),
    ...(hotfix === true ? [`${bead} is tested alone, before all else, and lands first`] : []),
    ...(hotfix === false ? [`${bead} is no hotfix any more`] : []),
  ].join('; ');

/** The newest attempt: an older one may be landing still. */
const entryNamed = ({ entries }: Book, bead: string): Entry | undefined =>
  entries.findLast(({ submission }) => submission.bead === bead);
