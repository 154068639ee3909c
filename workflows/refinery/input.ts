import type { Pace } from '../domain/pace.ts';
import type { RefineryState } from '../domain/queue/refineryState.ts';
import type { Book } from '../domain/refinery/book/book.ts';
import type { Followed } from './follower.ts';

/** The input of the workflow `refinery`. */
export interface RefineryInput {
  readonly rig: string;
  readonly target: string;
  readonly upstream: string | undefined;
  readonly pace?: Pace;
  /** The queue of a run that took one group after the other. */
  readonly carried?: RefineryState;
  /** The queue of the run before. */
  readonly book?: Book;
  /** How it left the person's checkout. */
  readonly followed?: Followed;
}
