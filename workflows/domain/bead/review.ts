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

export interface Reviewed {
  /** Times that it was sent back. */
  readonly rounds: number;
  /** The reviewer has let it pass as it is now, or nobody could review it. A rebase changes nothing about that. */
  readonly passed?: true;
}

/** Whether the work is to be shown to the reviewer before it is submitted. */
export const needsReview = (settings: ReviewSettings | undefined, reviewed: Reviewed | undefined): boolean =>
  settings !== undefined && (reviewed?.rounds ?? 0) < settings.rounds && reviewed?.passed !== true;
