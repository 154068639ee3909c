import { pausedFailure } from '../../queue/refineryReport.ts';
import { type SubmissionId, submissionKey } from '../../queue/submission.ts';
import type { QueueCounts, QueueLine, RefineryStatus } from '../../report/report.ts';
import type { Book, Entry } from './book.ts';
import { estimates, usualRunOf, type Way } from './estimate.ts';
import { runsIn } from './runs.ts';
import { isAside } from './standby.ts';
import { type Index, indexOf, whyOf } from './why.ts';

/** The answer to the query `standing`. */
export const standingIn = (book: Book, id: SubmissionId): 'queued' | 'settled' | 'unknown' => {
  const key = submissionKey(id);
  if (book.entries.some(({ submission }) => submissionKey(submission) === key)) return 'queued';
  if (isAside(book, id)) return 'queued';
  return book.settled.some((one) => submissionKey(one) === key) ? 'settled' : 'unknown';
};

/** The answer to the query `refineryStatus`; for a page only the first of its branches. */
export const statusOfBook = (book: Book, most = book.entries.length): RefineryStatus => {
  const index = indexOf(book);
  const landsAt = estimates(book.queue);
  const usualRunMs = usualRunOf(book.queue);
  const { leastPriority } = book.queue.policy;
  return {
    ...{ rig: book.rig, target: book.target, landed: book.landed, sentBack: book.sentBack },
    tip: book.tip?.commit,
    queue: book.entries.slice(0, most).map((entry) => lineOf(index, entry, landsAt)),
    ...(most < book.entries.length ? { queued: book.entries.length } : {}),
    stopped:
      book.stopped?.failure ?? (book.paused === undefined ? undefined : pausedFailure(book, book.paused)),
    ...{ runs: runsIn(book), counts: countsOf(book), slots: book.queue.slots },
    ...(usualRunMs === undefined ? {} : { usualRunMs }),
    ...(book.untested === undefined ? {} : { untested: book.untested }),
    ...(leastPriority === undefined ? {} : { below: { least: leastPriority, reason: book.closed ?? '' } }),
  };
};

const lineOf = (index: Index, entry: Entry, landsAt: (way: Way) => number | undefined): QueueLine => {
  const { id, submission, since, priority, hotfix } = entry;
  const { why, way } = whyOf(index, entry);
  const run = index.running.get(id);
  const lands = way && landsAt(way);
  const isLanding = index.passed.get(id)?.id === index.book.landing && index.book.landing !== undefined;
  return {
    ...{ bead: submission.bead, attempt: submission.attempt },
    state: isLanding ? 'landing' : run === undefined ? 'waiting' : 'testing',
    ...{ why, since },
    ...(run === undefined ? {} : { run: run.id, testedSince: run.startedAt }),
    ...(priority === undefined ? {} : { priority }),
    ...(hotfix === undefined ? {} : { hotfix }),
    ...(submission.direct === undefined ? {} : { direct: submission.direct }),
    ...(lands === undefined ? {} : { landsAt: lands }),
  };
};

const countsOf = ({ counts: { waitedMs, ...counts } }: Book): QueueCounts =>
  counts.branches === 0
    ? counts
    : {
        ...counts,
        testsPerLanded: counts.tests / counts.branches,
        meanWaitMs: Math.round(waitedMs / counts.branches),
      };
