import { isLanding } from '../../queue/queueParts.ts';
import type { RefineryState } from '../../queue/refineryState.ts';
import { type Book, emptyBook } from './book.ts';

/** The book of a queue that took one group after the other until now: all that waits is looked at anew. */
export const bookOf = (state: RefineryState, now: number): Book => ({
  ...emptyBook(state.rig, state.target, state.upstream),
  // What was about to land is composed again; if it has landed, git says so.
  entries: state.waiting.map((submission, index) => ({
    ...{ id: index + 1, submission, since: now },
    look: 'new' as const,
  })),
  nextId: state.waiting.length + 1,
  withdrawing: state.withdrawing.filter((key) =>
    state.waiting.some((one) => isLanding(state, one) && key.startsWith(`${one.bead}#`)),
  ),
  settled: state.settled,
  stopped: state.stopped,
  paused: state.paused,
  landed: state.landed,
  sentBack: state.sentBack,
});
