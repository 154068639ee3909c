/** The second opinion before a submit: producer and critic, in bounded rounds. Gates have the last word either way (G3). */
import type { ModelStep } from '../convoy.ts';

/** Who reviews, and how often one bead may be sent back. */
export interface ReviewSettings {
  readonly reviewer: ModelStep;
  readonly rounds: number;
}

/** What a reviewer made of a change. */
export type ReviewVerdict =
  | { readonly verdict: 'approve' }
  /** `ref`: blob with the reasons, as the next prompt shows them. */
  | { readonly verdict: 'sendBack'; readonly summary: string; readonly ref: string };

/** Nobody could say anything of it, which holds nothing up; `why` for people. */
export interface Unseen {
  readonly verdict: 'unseen';
  readonly why: string;
}

export interface Reviewed {
  /** Times that it was sent back. */
  readonly rounds: number;
  /** The reviewer has let it pass as it is now, or nobody could review it. A rebase changes nothing about that. */
  readonly passed?: true;
  /** Why nobody has reviewed it as it is now. */
  readonly unseen?: string;
  /** What the reviewer said of this head when the bead had to stop: it is read, and not asked for again. */
  readonly kept?: { readonly head: string; readonly replyRef: string };
}

/** What people are told of it; undefined where nobody has anything to say. */
export const reviewText = (reviewed: Reviewed | undefined): string | undefined => {
  if (reviewed === undefined) return;
  const { rounds, passed, unseen } = reviewed;
  const back = rounds === 0 ? [] : [`sent back ${rounds === 1 ? 'once' : `${rounds} times`}`];
  const now = unseen !== undefined ? [`not reviewed: ${unseen}`] : passed === true ? ['approved'] : [];
  return [...back, ...now].join(', then ') || undefined;
};

/** Whether the work is to be shown to the reviewer before it is submitted. */
export const needsReview = (settings: ReviewSettings | undefined, reviewed: Reviewed | undefined): boolean =>
  settings !== undefined && (reviewed?.rounds ?? 0) < settings.rounds && reviewed?.passed !== true;
