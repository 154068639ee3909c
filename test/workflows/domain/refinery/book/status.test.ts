import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Book,
  type BookEvent,
  type Entry,
  emptyBook,
  type LoneRed,
} from '../../../../../workflows/domain/refinery/book/book.ts';
import { rankedBy, rankFault } from '../../../../../workflows/domain/refinery/book/rank.ts';
import { reduce } from '../../../../../workflows/domain/refinery/book/reduce.ts';
import { statusOfBook } from '../../../../../workflows/domain/refinery/book/status.ts';
import type {
  LiveRun,
  QueueState,
  Waiting,
} from '../../../../../workflows/domain/refinery/screening/queue.ts';
import { refineryMarkdown } from '../../../../../workflows/domain/report/board.ts';
import type { QueueLine, RefineryStatus } from '../../../../../workflows/domain/report/report.ts';
import { openWorld, submissionOf, type Truth } from './world.ts';

const minute = 60_000;
const failure = { type: 'MergeConflict', what: 'conflict', evidence: '', next: '' } as const;

const waiting = (id: number, more: Partial<Waiting> = {}): Waiting => ({
  ...{ id, arrivedAt: id * 1_000, loneFailures: [], clean: false },
  ...more,
});
const run = (id: number, members: readonly number[], more: Partial<LiveRun> = {}): LiveRun => ({
  ...{ id, members, purpose: 'screen', startedAt: 10 * minute, landings: 0, stale: false, landed: [] },
  ...more,
});
const entry = (id: number, more: Partial<Entry> = {}): Entry => ({
  ...{ id, submission: submissionOf(id), since: id * 1_000 },
  ...more,
});

/** A queue of two slots at minute 11, whose tests take two minutes. */
const bookWith = (queue: Partial<QueueState>, more: Partial<Book> = {}): Book => {
  const empty = emptyBook('rig', 'main', undefined);
  const waits = queue.waiting ?? [];
  return {
    ...empty,
    tip: { commit: 'tip', tree: 'tree', gateHash: 'gates' },
    entries: waits.map(({ id }) => entry(id)),
    ...more,
    queue: {
      ...{ ...empty.queue, now: 11 * minute, slots: 2 },
      policy: { ...empty.queue.policy, usualRun: 2 * minute },
      ...queue,
    },
  };
};
const lineOf = (book: Book, id: number): QueueLine =>
  statusOfBook(book).queue.find(({ bead }) => bead === `c/e/${id}`) as QueueLine;
const redRun = (id: number): LoneRed => ({
  ...{ run: id, base: 'old', commit: 'made' },
  answer: {
    verdict: 'red',
    feedback: { summary: 'red', ref: 'blob' },
    failures: [{ gate: 'test', summary: 'one failed' }],
  },
});
const busy = [run(8, [8]), run(9, [9], { startedAt: 10.5 * minute })];

describe('why a branch waits, and when it should land', () => {
  test('one under test: in which run, with whom, since when, and until that run usually ends', () => {
    const book = bookWith({
      waiting: [1, 2, 3, 4, 5, 6].map((id) => waiting(id)),
      running: [run(7, [1, 2, 3, 4, 5]), run(8, [6], { purpose: 'lone' })],
    });
    expect(lineOf(book, 1)).toMatchObject({
      ...{ state: 'testing', run: 7, testedSince: 10 * minute, since: 1_000, landsAt: 12 * minute },
      why: 'is tested in run 7 with c/e/2, c/e/3, c/e/4 and 1 other: a first test',
    });
    expect(lineOf(book, 6).why).toBe('is tested in run 8 alone');
    const again = { ...book, entries: [entry(6, { reds: [redRun(3)] })] };
    expect(lineOf(again, 6).why).toBe('is tested in run 8 alone, for the second time');
    const stale = bookWith({ waiting: [waiting(1), waiting(2)], running: [run(7, [1, 2], { stale: true })] });
    expect(lineOf(stale, 1).landsAt).toBe(14 * minute);
  });

  test('a test that takes longer than usual ends any moment, never in the past', () => {
    const book = bookWith({ waiting: [waiting(1)], running: [run(7, [1], { startedAt: 0 })] });
    expect(lineOf(book, 1).landsAt).toBe(11 * minute);
  });

  test('fresh ones wait for a free slot, those of higher priority before them', () => {
    const many = Array.from({ length: 80 }, (_, at) => waiting(at + 10));
    const book = bookWith({
      waiting: [waiting(8), waiting(9), ...many, waiting(99, { priority: 1 })],
      running: busy,
    });
    const first = lineOf(book, 10);
    expect(first.why).toBe('waits for a free test slot: 2 of 2 test slots are busy');
    // The run that began first ends at minute 12, and a test takes two.
    expect(first.landsAt).toBe(14 * minute);
    expect(lineOf(book, 89).landsAt).toBeGreaterThan(14 * minute);
    expect(lineOf(book, 99).landsAt).toBe(14 * minute);
    expect(lineOf(bookWith({ waiting: [waiting(1)] }), 1).why).toBe('waits for its first test');
  });

  test.each<[string, Partial<Waiting>, Partial<QueueState>, string, number | undefined]>([
    ['passed', { clean: true }, {}, 'passed, and waits to be landed with others', 13],
    [
      'passed, all slots busy',
      { clean: true },
      { running: busy },
      'passed, and waits to be landed with others; 2 of 2 test slots are busy',
      14,
    ],
    [
      'suspected',
      {},
      { suspicions: [{ members: [1, 2, 3, 4] }] },
      'was in a group that failed; the culprit is looked for among 4',
      17,
    ],
    [
      'convicted',
      { convictedAt: 5 },
      {},
      'is taken for the culprit of a group that failed, and is tested alone',
      13,
    ],
    ['failed alone', { loneFailures: [4] }, {}, 'failed alone once, and is tested again', 13],
    [
      'held',
      { conflicts: [0] },
      {},
      'does not merge with c/e/0, which is undecided: held until then',
      undefined,
    ],
    [
      'below the least priority',
      { priority: -1 },
      { policy: { ...emptyBook('r', 'm', undefined).queue.policy, usualRun: 2 * minute, leastPriority: 5 } },
      'its priority -1 is below 5, the least that the queue is open for',
      undefined,
    ],
    [
      'a hotfix while the queue is closed for low priorities',
      { hotfix: true, clean: true },
      { policy: { ...emptyBook('r', 'm', undefined).queue.policy, usualRun: 2 * minute, leastPriority: 5 } },
      'passed, and waits to be landed with others',
      13,
    ],
  ])('%s', (_, one, queue, why, minutes) => {
    const book = bookWith({ waiting: [waiting(0), waiting(1, one)], ...queue });
    expect(lineOf(book, 1)).toMatchObject({ state: 'waiting', why });
    expect(lineOf(book, 1).landsAt).toBe(minutes === undefined ? undefined : minutes * minute);
  });

  test('one that passed as a whole waits for the run that would land more, or lands now', () => {
    const passed = [run(7, [1, 2], { purpose: 'confirm' })];
    const two = [waiting(1, { clean: true }), waiting(2, { clean: true })];
    const book = bookWith({ waiting: [...two, waiting(3)], passed, running: [run(8, [3])] });
    expect(lineOf(book, 1)).toMatchObject({
      why: 'passed in run 7, and waits for a run that would land more',
      landsAt: 12 * minute,
    });
    const lands = bookWith({ waiting: two, passed }, { landing: 7 });
    expect(lineOf(lands, 1)).toMatchObject({
      ...{ state: 'landing', landsAt: 11 * minute },
      why: 'is being landed, as tested in run 7 with c/e/2',
    });
  });

  test.each<[string, Partial<Book>, string]>([
    ['paused', { paused: 'release' }, 'the queue is paused'],
    ['stopped', { stopped: { failure, seen: undefined } }, 'the queue has stopped'],
    ['looked at', { entries: [entry(1, { look: 'new' })] }, 'is looked at: how it merges'],
    ['looked at again', { entries: [entry(1, { look: 'again' })] }, 'is looked at again: it may not merge'],
    [
      'a conflict with a target that nobody has tested (G2)',
      { entries: [entry(1, { conflict: { failure, evidenceRef: undefined } })] },
      'does not merge with the target, which is not known to be green yet',
    ],
  ])('%s: nobody knows when it lands', (_, more, why) => {
    const line = lineOf(bookWith({ waiting: [waiting(1)] }, more), 1);
    expect(line.why).toContain(why);
    expect(line.landsAt).toBeUndefined();
  });

  test('before the first test has ended nothing is guessed', () => {
    const book = bookWith({
      waiting: [waiting(1)],
      policy: emptyBook('r', 'm', undefined).queue.policy,
    });
    expect(lineOf(book, 1).landsAt).toBeUndefined();
    expect(statusOfBook(book).usualRunMs).toBeUndefined();
  });
});

describe('runs and counts', () => {
  test('runs under way come first, then what is remembered: greens, failures alone, the red target', () => {
    const red = redRun(3);
    const book = bookWith(
      {
        waiting: [waiting(1), waiting(2)],
        running: [run(7, [2]), run(6, [], { purpose: 'base', landings: -1 })],
      },
      {
        entries: [entry(1, { reds: [red] }), entry(2)],
        greens: [{ run: 5, base: 'tip', commit: 'c', tree: 't', gateHash: 'g', members: [] }],
        baseRed: { ...red, run: 4, base: 'tip', commit: 'tip' },
      },
    );
    expect(statusOfBook(book).runs).toMatchObject([
      { run: 7, state: 'running', purpose: 'a first test', members: ['c/e/2'], base: 'tip' },
      { run: 6, state: 'running', purpose: 'the target itself', members: [] },
      { run: 5, state: 'passed', base: 'tip', commit: 'c' },
      { run: 4, state: 'failed', purpose: 'the target itself', commit: 'tip' },
      { run: 3, state: 'failed', members: ['c/e/1'], failures: ['test: one failed'], outputRef: 'blob' },
    ]);
    expect(statusOfBook(book).runs?.[1]?.base).toBeUndefined();
  });

  test('counts are those of the queue’s life, with means once something has landed', () => {
    const truth: Truth = {
      ...{ count: 4, slots: 2, bad: new Set([3]), quarrels: new Set<string>(), conflicts: new Set<string>() },
      redOutsiders: new Set<number>(),
    };
    const world = openWorld(truth);
    expect(statusOfBook(world.book()).counts).toEqual({ tests: 0, wasted: 0, landings: 0, branches: 0 });
    for (let number = 0; number < 4; number++) world.submit(number);
    for (world.settle(); world.tests().length > 0; world.settle()) world.end(world.tests()[0] ?? 0);
    const { counts } = statusOfBook(world.book());
    expect(counts).toMatchObject({ branches: 3, testsPerLanded: (counts?.tests ?? 0) / 3 });
    expect(counts?.meanWaitMs).toBeGreaterThan(0);
  });

  test('G9: the page for the Web UI is bounded whatever waits, and nothing in it is live', () => {
    const status: RefineryStatus = {
      ...statusOfBook(bookWith({ waiting: [] })),
      queue: Array.from({ length: 2_000 }, (_, at) => ({
        ...{ bead: `c/e/[${at}](http://x)`, attempt: 1, state: 'waiting' as const, since: 0 },
        why: '<script>'.repeat(100),
      })),
    };
    const text = refineryMarkdown(status);
    expect(text.length).toBeLessThan(40_000);
    expect(text).toContain('… and 1940 more');
    expect(text).not.toContain('<script>');
    const book = bookWith({ waiting: Array.from({ length: 90 }, (_, id) => waiting(id)) });
    expect(refineryMarkdown(statusOfBook(book, 60))).toBe(refineryMarkdown(statusOfBook(book)));
  });
});

describe('what a person says of a branch', () => {
  const rank = (book: Book, what: Parameters<typeof rankedBy>[1]): Book =>
    reduce(book, rankedBy(book, what) as BookEvent, 12 * minute).book;

  test('a priority and a hotfix reach the entry and the planner, and a hotfix can be taken back', () => {
    const book = bookWith({ waiting: [waiting(1), waiting(2)] });
    const first = rank(book, { bead: 'c/e/2', priority: 7, hotfix: true });
    expect(lineOf(first, 2)).toMatchObject({ priority: 7, hotfix: true });
    expect(first.queue.waiting[1]).toMatchObject({ priority: 7, hotfix: true });
    const back = rank(first, { bead: 'c/e/2', hotfix: false });
    expect(lineOf(back, 2).hotfix).toBeUndefined();
    expect(lineOf(back, 2).priority).toBe(7);
  });

  test('G10: what cannot be done is refused in three parts', () => {
    const settled = [{ bead: 'c/e/5', attempt: 2, head: 'h', outcome: 'landed', commit: 'c' } as const];
    const book = bookWith({ waiting: [waiting(1)] }, { settled });
    expect(rankFault(book, { bead: 'c/e/1', priority: -100 })).toBeUndefined();
    expect(rankFault(book, { bead: 'c/e/1', priority: 101 })?.evidence).toContain('from -100 to 100');
    expect(rankFault(book, { bead: 'c/e/1', priority: 0.5 })?.what).toBe('That is no priority.');
    expect(rankFault(book, { bead: 'c/e/1' })?.next).toContain('gt refinery hotfix');
    expect(rankFault(book, { bead: 'c/e/5', hotfix: true })).toMatchObject({
      ...{ what: 'c/e/5 is not in the merge queue of rig main.', evidence: 'attempt 2 has landed' },
      next: expect.stringContaining('gt refinery queue'),
    });
  });

  test('closed for low priorities the queue goes on with others, until it is opened', () => {
    const book = bookWith({ waiting: [waiting(1)] });
    const closed = reduce(book, { kind: 'closed', reason: 'release', least: 3 }, 12 * minute).book;
    expect(statusOfBook(closed)).toMatchObject({
      ...{ below: { least: 3, reason: 'release' }, stopped: undefined },
      queue: [{ why: 'its priority 0 is below 3, the least that the queue is open for' }],
    });
    const opened = reduce(closed, { kind: 'resumed' }, 13 * minute).book;
    expect(statusOfBook(opened).below).toBeUndefined();
    expect(opened.queue.policy).toEqual(book.queue.policy);
  });
});

test('whatever happens to a queue, each of its branches has a reason', () => {
  const acts = fc.array(
    fc.tuple(fc.nat(9), fc.constantFrom('submit', 'settle', 'end', 'flake', 'outsider')),
    {
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(acts, (list) => {
      const world = openWorld({
        ...{ count: 10, slots: 3, bad: new Set([1, 4]), quarrels: new Set(['2 3']) },
        ...{ conflicts: new Set(['5 6']), redOutsiders: new Set<number>() },
      });
      for (const [number, act] of list) {
        if (act === 'submit') world.submit(number);
        if (act === 'settle') world.settle();
        if (act === 'outsider') world.outsider();
        const [first] = world.tests();
        if (first !== undefined && act === 'end') world.end(first);
        if (first !== undefined && act === 'flake') world.end(first, 'flakes');
        const { queue } = statusOfBook(world.book());
        for (const { why, state } of queue) {
          expect(why?.length).toBeGreaterThan(5);
          if (state === 'testing') expect(why).toContain('is tested in run');
        }
      }
    }),
    { numRuns: 200 },
  );
});
