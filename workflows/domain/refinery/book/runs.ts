/** The tests of a queue that people may ask for: those under way, and what it remembers of others. */
import type { QueueRun } from '../../report/report.ts';
import type { LiveRun } from '../screening/queue.ts';
import type { Book, GreenRun, LoneRed } from './book.ts';
import { purposeText } from './why.ts';

export const runsIn = (book: Book): readonly QueueRun[] => {
  const names = new Map(book.entries.map(({ id, submission }) => [id, submission.bead]));
  const beadsOf = (members: readonly number[]): readonly string[] =>
    members.flatMap((id) => names.get(id) ?? []);
  const passed = new Map(book.queue.passed.map((run) => [run.id, run]));
  const reds = book.entries.flatMap(({ submission, reds: all = [] }) =>
    all.map((red) => failedRun(red, purposeText.lone, [submission.bead])),
  );
  const ended = [
    ...book.greens.map((green) => passedRun(green, passed.get(green.run))),
    ...reds,
    ...(book.baseRed === undefined ? [] : [failedRun(book.baseRed, purposeText.base, [])]),
  ];
  return [
    ...book.queue.running.map((run) => liveRun(book, run, beadsOf(run.members))),
    ...ended.toSorted((a, b) => b.run - a.run),
  ];
};

const liveRun = ({ tip, queue }: Book, run: LiveRun, members: readonly string[]): QueueRun => {
  // A run that began before a landing stands on an earlier commit.
  const isOnTip = tip !== undefined && run.landings === queue.landings;
  return {
    ...{ run: run.id, state: 'running', purpose: purposeText[run.purpose], members, since: run.startedAt },
    ...(isOnTip ? { base: tip.commit } : {}),
  };
};

const passedRun = ({ run, base, commit, members }: GreenRun, live: LiveRun | undefined): QueueRun => ({
  ...{ run, state: 'passed', purpose: purposeText[live?.purpose ?? 'confirm'], base, commit },
  members: members.map(({ bead }) => bead),
  ...(live === undefined ? {} : { since: live.startedAt }),
});

const failedRun = (
  { run, base, commit, answer }: LoneRed,
  purpose: string,
  members: readonly string[],
): QueueRun => ({
  ...{ run, state: 'failed', purpose, members, base, commit },
  failures: answer.failures.map(({ gate, summary }) => `${gate}: ${summary}`),
  outputRef: answer.feedback.ref,
});
