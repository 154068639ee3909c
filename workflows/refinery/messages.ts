import { setHandler } from '@temporalio/workflow';
import type { Failure } from '../domain/failure.ts';
import { pauseQueueShape, submitShape, withdrawShape } from '../domain/messageShapes.ts';
import type { Book, BookEvent } from '../domain/refinery/book/book.ts';
import {
  isPriority,
  priorityFault,
  rankedBy,
  rankedText,
  rankFault,
  rankShape,
} from '../domain/refinery/book/rank.ts';
import { standingIn } from '../domain/refinery/book/status.ts';
import type { RefineryStatus } from '../domain/report/report.ts';
import { pause, rank, refineryStatus, resume, standing, submit, withdraw } from '../messages.ts';
import { receive, refused, refuseUnfit } from '../receive.ts';

/** The queue as its messages need it. */
export interface MessagedQueue {
  readonly book: () => Book;
  readonly take: (event: BookEvent) => void;
  readonly status: () => RefineryStatus;
}

/** What beads and people may say to a merge queue, and ask it. */
export const handleQueueMessages = (queue: MessagedQueue): void => {
  receive(submit, submitShape, (submission) => queue.take({ kind: 'submitted', submission }));
  receive(withdraw, withdrawShape, ({ workflowId, ...id }) =>
    queue.take({ kind: 'withdrawn', id, workflowId }),
  );
  setHandler(
    pause,
    ({ reason, below }) => {
      if (below !== undefined) {
        queue.take({ kind: 'closed', reason, least: below });
        return `closed for what has a priority below ${below}; hotfixes and all else go on`;
      }
      queue.take({ kind: 'paused', reason });
      return 'paused: finishes what is under way and starts nothing';
    },
    {
      validator: (request) => {
        refuseUnfit('pause', pauseQueueShape, request);
        if (request.below !== undefined && !isPriority(request.below)) refuse(priorityFault(request.below));
      },
    },
  );
  setHandler(resume, () => {
    queue.take({ kind: 'resumed' });
    return 'going on';
  });
  setHandler(
    rank,
    (request) => {
      const event = rankedBy(queue.book(), request);
      if (event !== undefined) queue.take(event);
      return rankedText(request);
    },
    {
      validator: (request) => {
        refuseUnfit('rank', rankShape, request);
        const fault = rankFault(queue.book(), request);
        if (fault !== undefined) refuse(fault);
      },
    },
  );
  setHandler(standing, (id) => standingIn(queue.book(), id));
  setHandler(refineryStatus, queue.status);
};

const refuse = ({ what, ...more }: Pick<Failure, 'what' | 'evidence' | 'next'>): never => {
  throw refused(what, more);
};
