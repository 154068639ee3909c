import type { FailureType } from './failure.ts';

/** What went wrong in an earlier turn, as the next prompt needs it. */
export interface Feedback {
  readonly kind: 'malformed' | 'unsafe' | 'gates' | 'conflict' | 'refinery' | 'length';
  /** One line for people. */
  readonly summary: string;
  /** Blob with the text for the model; empty when the summary says it all. */
  readonly ref: string;
  /** Its name where the kind does not tell: a gate may hang or flood. */
  readonly failure?: FailureType;
  /** What the town adds when turns repeat themselves; see `stallOf`. */
  readonly nudge?: string;
}

const names = {
  malformed: 'ReplyMalformed',
  unsafe: 'ReplyUnsafe',
  gates: 'GateRed',
  conflict: 'MergeConflict',
  refinery: 'GateRed',
  length: 'ReplyEndless',
} as const satisfies Record<Feedback['kind'], FailureType>;

/** Whether work was tested and failed; every other kind says only why a reply or a rebase came to nothing. */
export const isRed = ({ kind }: Feedback): boolean => kind === 'gates' || kind === 'refinery';

/** Whether a reply was not applied: it says nothing of the work. */
export const isRefusal = ({ kind }: Feedback): boolean =>
  kind === 'malformed' || kind === 'unsafe' || kind === 'length';

/** One line for people, beginning with the name of the failure. */
export const feedbackLine = ({ kind, failure, summary }: Feedback): string =>
  `${failure ?? names[kind]}: ${summary}`;
