import type { FailureType } from '../failure.ts';

/** What went wrong in an earlier turn, as the next prompt needs it. */
export interface Feedback {
  readonly kind:
    | 'malformed'
    | 'unsafe'
    /** In a form that could be read, and no change to the files. */
    | 'unchanged'
    | 'gates'
    | 'conflict'
    | 'refinery'
    | 'length'
    | 'review'
    | 'looked';
  /** One line for people. */
  readonly summary: string;
  /** Blob with the text for the model; empty when the summary says it all. */
  readonly ref: string;
  /** Its name where the kind does not tell: a gate may hang or flood. */
  readonly failure?: FailureType;
  /** Where the tests nearest to the change said so, before any gate ran: how often in a row. */
  readonly nearest?: number;
  /** What the town adds when turns repeat themselves; see `stallOf`. */
  readonly nudge?: string;
}

const names = {
  malformed: 'ReplyMalformed',
  unsafe: 'ReplyUnsafe',
  unchanged: undefined,
  gates: 'GateRed',
  conflict: 'MergeConflict',
  refinery: 'GateRed',
  length: 'ReplyEndless',
  review: 'ReviewSentBack',
  looked: undefined,
} as const satisfies Record<Feedback['kind'], FailureType | undefined>;

/** Whether work was tested and failed; every other kind says only why a reply or a rebase came to nothing. */
export const isRed = ({ kind }: Feedback): boolean => kind === 'gates' || kind === 'refinery';

/** Whether a reply was not applied: it says nothing of the work. */
export const isRefusal = ({ kind }: Feedback): boolean =>
  kind === 'malformed' || kind === 'unsafe' || kind === 'unchanged' || kind === 'length';

/** Whether it tells how the work itself is: no refusal, and no look. */
export const saysOfWork = (feedback: Feedback): boolean => !isRefusal(feedback) && feedback.kind !== 'looked';

/** One line for people, beginning with the name of the failure where it is one. */
export const feedbackLine = ({ kind, failure, summary }: Feedback): string => {
  const name = failure ?? names[kind];
  return name === undefined ? summary : `${name}: ${summary}`;
};

/** What a bead knows of its failures: the newest, and which test is red. */
export interface Remembered {
  readonly feedback: readonly Feedback[];
  readonly red?: Feedback;
}

/** What the newest failures were, and before them which test is red, whatever was refused since. */
export const remembered = ({ feedback, red }: Remembered): readonly Feedback[] =>
  red === undefined || feedback.some(isRed) ? feedback : [red, ...feedback];

/** The same for people, a line each. */
export const lastEvidence = (life: Remembered): string =>
  remembered(life).map(feedbackLine).join('\n') || 'No reply could be used so far.';
