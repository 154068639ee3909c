/** Why a branch has not landed yet, in plain words, and what is left of its way. */
import { counted } from '../../amounts.ts';
import type { LiveRun, Purpose, Waiting } from '../screening/queue.ts';
import type { Book, Entry } from './book.ts';
import type { Way } from './estimate.ts';

/** A book by what is asked of it for each of its branches, so that a long queue is told quickly. */
export interface Index {
  readonly book: Book;
  readonly beads: ReadonlyMap<number, string>;
  readonly waiting: ReadonlyMap<number, Waiting>;
  readonly running: ReadonlyMap<number, LiveRun>;
  readonly passed: ReadonlyMap<number, LiveRun>;
  /** Among how many a culprit is that may be this one. */
  readonly suspects: ReadonlyMap<number, number>;
  /** How many are to be tested for the first time before it. */
  readonly ahead: ReadonlyMap<number, number>;
}

export interface Why {
  readonly why: string;
  /** Undefined where it is not known what comes next. */
  readonly way: Way | undefined;
}

export const indexOf = (book: Book): Index => {
  const { queue, entries } = book;
  const running = byMember(
    queue.running.toSorted((a, b) => Number(a.stale) - Number(b.stale) || a.id - b.id),
  );
  const suspects = new Map<number, number>();
  for (const { members } of queue.suspicions)
    for (const id of members) suspects.set(id, Math.min(members.length, suspects.get(id) ?? Infinity));
  const fresh = queue.waiting
    .filter(({ id, clean }) => !clean && !running.has(id) && !suspects.has(id))
    .toSorted((a, b) => (b.priority ?? 0) - (a.priority ?? 0) || a.id - b.id);
  return {
    ...{ book, running, suspects, passed: byMember(queue.passed) },
    beads: new Map(entries.map(({ id, submission }) => [id, submission.bead])),
    waiting: new Map(queue.waiting.map((one) => [one.id, one])),
    ahead: new Map(fresh.map(({ id }, at) => [id, at])),
  };
};

/** The first run counts. */
const byMember = (runs: readonly LiveRun[]): ReadonlyMap<number, LiveRun> => {
  const found = new Map<number, LiveRun>();
  for (const run of runs) for (const id of run.members) if (!found.has(id)) found.set(id, run);
  return found;
};

export const whyOf = (index: Index, entry: Entry): Why => {
  const { book, passed, running } = index;
  const landing = passed.get(entry.id);
  if (landing !== undefined && landing.id === book.landing)
    return {
      why: `is being landed, as tested in run ${landing.id}${withOthers(index, landing, entry.id)}`,
      way: { kind: 'now' },
    };
  const run = running.get(entry.id);
  if (run !== undefined) return tested(index, run, entry);
  if (book.overriding === entry.id) return { why: 'is being landed without a test', way: { kind: 'now' } };
  return (
    standing(book) ??
    untold(entry) ??
    (landing === undefined ? waits(index, entry) : landsLater(index, landing))
  );
};

const tested = (index: Index, run: LiveRun, { id, reds = [] }: Entry): Why => {
  const isAlone = run.members.length === 1;
  const again = reds.length > 0 ? ', for the second time' : '';
  const how = isAlone ? ` alone${again}` : `${withOthers(index, run, id)}: ${purposeText[run.purpose]}`;
  const more = Number(run.stale) + Number(run.purpose === 'split');
  return { why: `is tested in run ${run.id}${how}`, way: { kind: 'running', run, more } };
};

/** What holds up everything. */
const standing = ({ paused, stopped, merge, untested }: Book): Why | undefined => {
  if (paused !== undefined) return { why: 'the queue is paused', way: undefined };
  if (stopped !== undefined) return { why: 'the queue has stopped', way: undefined };
  if (merge !== undefined) return { why: 'the merge of the person’s branch goes first', way: undefined };
  return untested === undefined
    ? undefined
    : {
        why: `nothing lands until the target has passed: ${untested.bead} landed without a test`,
        way: undefined,
      };
};

/** What the planner does not know. */
const untold = ({ look, conflict }: Entry): Why | undefined => {
  if (conflict !== undefined)
    return { why: 'does not merge with the target, which is not known to be green yet', way: undefined };
  if (look === undefined) return;
  const why =
    look === 'new'
      ? 'is looked at: how it merges with the target and with what else waits'
      : 'is looked at again: it may not merge with what has landed';
  return { why, way: undefined };
};

const landsLater = ({ book }: Index, passed: LiveRun): Why => {
  const { running } = book.queue;
  const oldest = running[0];
  const why = `passed in run ${passed.id}, and waits ${oldest === undefined ? 'to be landed' : 'for a run that would land more'}`;
  return { why, way: oldest === undefined ? { kind: 'now' } : { kind: 'running', run: oldest, more: 0 } };
};

const waits = (index: Index, entry: Entry): Why => {
  const { book, waiting, suspects, ahead } = index;
  const { queue } = book;
  const one = waiting.get(entry.id);
  if (one === undefined) return { why: 'is looked at', way: undefined };
  const { leastPriority } = queue.policy;
  const { priority = 0, hotfix = false } = one;
  if (leastPriority !== undefined && !hotfix && priority < leastPriority)
    return {
      why: `its priority ${priority} is below ${leastPriority}, the least that the queue is open for`,
      way: undefined,
    };
  const busy = queue.running.length >= queue.slots;
  const slots = busy ? `; ${slotsText(index)}` : '';
  if (one.loneFailures.length > 0)
    return {
      why: `failed alone once${lastRed(entry)}, and is tested again${slots}`,
      way: { kind: 'tests', count: 1 },
    };
  if (one.convictedAt !== undefined)
    return {
      why: `is taken for the culprit of a group that failed, and is tested alone${slots}`,
      way: { kind: 'tests', count: 1 },
    };
  const among = suspects.get(one.id);
  if (among !== undefined)
    return {
      why: `was in a group that failed; the culprit is looked for among ${among}${slots}`,
      way: { kind: 'tests', count: Math.ceil(Math.log2(among)) + 1 },
    };
  const other = heldBy(index, one);
  if (other !== undefined)
    return { why: `does not merge with ${other}, which is undecided: held until then`, way: undefined };
  if (one.clean)
    return { why: `passed, and waits to be landed with others${slots}`, way: { kind: 'tests', count: 1 } };
  const why = busy ? `waits for a free test slot: ${slotsText(index)}` : 'waits for its first test';
  return { why, way: { kind: 'fresh', ahead: ahead.get(one.id) ?? 0 } };
};

const slotsText = ({ book }: Index): string =>
  `${book.queue.running.length} of ${book.queue.slots} test slots are busy`;

const lastRed = ({ reds = [] }: Entry): string => {
  const last = reds.at(-1);
  return last === undefined ? '' : ` (run ${last.run})`;
};

/** Whom it waits for: one that came before it, or is further. */
const heldBy = ({ waiting, running, passed, beads }: Index, one: Waiting): string | undefined => {
  const other = (one.conflicts ?? []).find((id) => {
    const its = waiting.get(id);
    return (
      its !== undefined && (running.has(id) || passed.has(id) || (its.clean && !one.clean) || id < one.id)
    );
  });
  return other === undefined ? undefined : beads.get(other);
};

/** Names that stand in a sentence. */
const mostNamed = 3;

const withOthers = ({ beads }: Index, { members }: LiveRun, id: number): string => {
  const others = members.flatMap((one) => (one === id ? [] : (beads.get(one) ?? [])));
  if (others.length === 0) return '';
  const named = others.slice(0, mostNamed);
  const rest = others.length - named.length;
  return ` with ${named.join(', ')}${rest === 0 ? '' : ` and ${counted(rest, 'other')}`}`;
};

/** What a run is for. */
export const purposeText: Readonly<Record<Purpose, string>> = {
  screen: 'a first test',
  split: 'the culprit of a group that failed is looked for',
  confirm: 'all that passed, to be landed together',
  cut: 'a part of what failed together although each part had passed',
  lone: 'one branch alone',
  union: 'all but the likeliest culprits',
  base: 'the target itself',
};
