import { defaultPolicy } from '../screening/fold.ts';
import type { LiveRun } from '../screening/queue.ts';
import type { Book, GroupTested, LoneRed } from './book.ts';
import { doesName, withFailure } from './naming.ts';
import { told } from './settling.ts';

/** The end of a test as the planner and people are told of it. `run`: with the members that it held in the end. */
export const endOf = (book: Book, run: LiveRun, answer: GroupTested, now: number): Book => {
  const { report, commit, tree, members } = answer;
  const broken = (): Book => told(book, { kind: 'ended', at: now, run: run.id, outcome: { kind: 'broken' } });
  if (report === undefined) return broken();
  // The gates are others now than when it began: what it says is about something else (I3).
  if (answer.gateHash !== book.tip?.gateHash) return { ...broken(), unseen: true };
  const planned = book.queue.running.find(({ id }) => id === run.id)?.members.length;
  const known =
    run.members.length === planned
      ? book
      : told(book, { kind: 'composed', at: now, run: run.id, members: run.members });
  if (report.verdict === 'green') {
    const green =
      commit === undefined || tree === undefined
        ? []
        : [{ run: run.id, base: answer.base, commit, tree, gateHash: answer.gateHash, members }];
    return told(
      { ...withPace(known, report.ms, now), greens: [...known.greens, ...green] },
      { kind: 'ended', at: now, run: run.id, outcome: { kind: 'passed' } },
    );
  }
  const failing = report.tests?.failing ?? [];
  const naming = withFailure(known.naming, failing.length);
  const red: LoneRed = {
    run: run.id,
    base: answer.base,
    commit: commit ?? answer.base,
    answer: shortOf(report),
  };
  const ended = told(withRed({ ...known, naming }, run, red), {
    ...{ kind: 'ended', at: now, run: run.id },
    outcome: { kind: 'failed', tests: failing.map((name) => ({ name })) },
  });
  const namesTests = doesName(naming);
  if (namesTests === ended.queue.policy.namesTests) return ended;
  return told(ended, { kind: 'set', at: now, policy: { namesTests } });
};

/** Names of tests that are kept with a failed run: what people read, not what a model may print. */
const mostNames = 10;

const shortOf = ({ failures, tests, feedback }: LoneRed['answer']): LoneRed['answer'] => ({
  ...{ verdict: 'red', failures, feedback },
  ...(tests === undefined
    ? {}
    : {
        tests: {
          ...tests,
          failing: tests.failing.slice(0, mostNames),
          seen: tests.seen?.slice(0, mostNames) ?? [],
        },
      }),
});

/** Runs of a branch alone and of the target itself are what people are shown. */
const withRed = (book: Book, run: LiveRun, red: LoneRed): Book => {
  if (run.purpose === 'base') return { ...book, baseRed: red };
  const [only, ...others] = run.members;
  if (only === undefined || others.length > 0) return book;
  return {
    ...book,
    entries: book.entries.map((one) =>
      one.id === only ? { ...one, reds: [...(one.reds ?? []), red].slice(-2) } : one,
    ),
  };
};

/** A newer length weighs a fifth; results that come from the cache say nothing of lengths. */
const weight = 0.2;

const withPace = (book: Book, ms: number | undefined, now: number): Book => {
  if (ms === undefined || ms <= 0) return book;
  const { usualRun } = book.queue.policy;
  const isFirst = usualRun === defaultPolicy.usualRun;
  return told(book, {
    ...{ kind: 'set', at: now },
    policy: { usualRun: isFirst ? ms : usualRun + (ms - usualRun) * weight },
  });
};
