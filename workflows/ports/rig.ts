/** The port of the queue `rig.<rig>.<place>`: worktrees, prompts, replies. */
import type { BeadSpec, BeadState } from '../domain/bead/bead.ts';
import type { EditForm } from '../domain/bead/editForm.ts';
import type { Feedback } from '../domain/bead/feedback.ts';
import type { Look } from '../domain/bead/look.ts';
import type { Proposal } from '../domain/bead/proposal.ts';
import type { ReviewVerdict } from '../domain/bead/review.ts';
import type { Told } from '../domain/bead/told.ts';
import type { Failure, FailureType } from '../domain/failure.ts';
import type { BeadRef, Place } from '../domain/naming.ts';
import type { OpenedRig } from '../domain/rig.ts';

/** Where a bead's work happens. */
export interface BeadPlace {
  readonly bead: BeadRef;
  readonly rig: string;
  /** The branch of G1. */
  readonly target: string;
  readonly place: Place;
}

export interface RigPort {
  /** Makes the rig usable or says why it is not, and claims the convoy's name in it for this plan. */
  openRig(request: OpenRig): Promise<OpenedRig>;
  /** Looks in git whether the bead has landed, else ensures its branch and worktree at a pinned base. */
  openBead(request: OpenBead): Promise<OpenedBead>;
  /** The commit with which a bead landed, found by its trailers; null when it has not. */
  findLanded(request: OpenBead): Promise<string | null>;
  /** Writes the prompt of the next turn as a blob. Throws `ContextOverflow` when it cannot fit. */
  composePrompt(request: ComposePrompt): Promise<ComposedPrompt>;
  /** Parses a reply, applies it to the worktree and commits, all or nothing. */
  applyReply(request: ApplyReply): Promise<AppliedReply>;
  /** Puts the bead's work on the target's tip as one commit; where that conflicts, keeps the work and starts from the tip. */
  rebaseBead(request: RebaseBead): Promise<RebasedBead>;
  /** Commits work in progress and writes the hand-over note. */
  writeNote(request: WriteNote): Promise<WrittenNote>;
  /** Why no new bead should start here, since the disk is nearly full; null when it has room. */
  roomForBead(request: { readonly rig: string }): Promise<Failure | null>;
  /** Writes the prompt of a second opinion on what the branch changes; null when it does not fit into the model's context. */
  composeReview(request: ComposeReview): Promise<ComposedPrompt | null>;
  /** Reads a reviewer's reply; null when it is no verdict. */
  readReview(request: { readonly replyRef: string }): Promise<ReviewVerdict | null>;
  /**
   * Removes the worktree, and of the work on its branch what nobody needs any more. Tells what was not as a bead leaves it
   * (uncommitted files, processes, a stash, another HEAD), a line each; none in histories of before anybody looked.
   */
  closeBead(request: CloseBead): Promise<readonly string[] | void>;
}

export interface OpenRig {
  readonly rig: string;
  readonly convoy: string;
  readonly planHash: string;
}

export interface OpenBead extends BeadPlace {
  readonly spec: BeadSpec;
}

export type OpenedBead =
  | { readonly landed: string }
  | {
      readonly landed: undefined;
      /** The target commit that the work is on. */
      readonly base: string;
      /** Tip of the bead's branch; equals `base` when there is no work yet. */
      readonly head: string;
      readonly worktree: string;
    };

export interface ComposePrompt extends BeadPlace {
  readonly spec: BeadSpec;
  readonly model: string;
  readonly base: string;
  readonly head: string;
  /** Counts conversations of this bead, from 1; a hand-over starts the next. */
  readonly conversation: number;
  readonly turn: number;
  /** Newest last; at most the last two are of use. */
  readonly feedback: readonly Feedback[];
  /** Blob of the hand-over note that this conversation starts from. */
  readonly noteRef: string | undefined;
  /** What the beads that this one needs have reported, as blobs. */
  readonly reports?: readonly BeadReport[];
  /** What the reply is to be: a change (or a report, where the bead makes one) when left out, or a hand-over note. */
  readonly ask?: 'note';
  /** Malformed replies in a row just now: the form of the prompt follows them. */
  readonly malformed?: number;
  /** Commands that this conversation has run, and what they printed. */
  readonly looks?: readonly Look[];
  /** What the polecat was told while it worked. */
  readonly told?: readonly Told[];
  /** After a prompt that was too long for its model: share of the usual room that this one may take. */
  readonly squeeze?: number;
}

export interface ComposeReview extends BeadPlace {
  readonly spec: BeadSpec;
  /** The reviewer's. */
  readonly model: string;
  readonly base: string;
  readonly head: string;
  /** Times that the reviewer has sent it back already. */
  readonly rounds: number;
}

/** A text that a bead has written for those that need it. */
export interface BeadReport {
  readonly title: string;
  readonly ref: string;
}

export interface ComposedPrompt {
  readonly promptRef: string;
  readonly estimatedTokens: number;
  /** The form that changes are asked for in. */
  readonly form?: EditForm;
  /** Share of the room for prompts that it takes. */
  readonly fill?: number;
}

export interface ApplyReply extends BeadPlace {
  readonly spec: BeadSpec;
  readonly replyRef: string;
  /** The branch tip that the prompt showed. Applying again finds its own commit. */
  readonly head: string;
  readonly base: string;
  readonly polecat: string;
  readonly model: string;
  readonly turn: number;
  /** Where the branch is, if not there: at another reply to the same prompt, which failed. */
  readonly instead?: string;
  /** The form that the prompt asked for. */
  readonly form?: EditForm;
  /** The work is green, and only a reviewer wants more: a reply that changes nothing insists on it. */
  readonly green?: true;
}

export type AppliedReply =
  | {
      readonly outcome: 'applied';
      readonly head: string;
      readonly files: number;
      readonly added: number;
      readonly removed: number;
      /** Work that the reply has found beside its own. */
      readonly proposals?: readonly Proposal[];
    }
  | { readonly outcome: 'refused'; readonly feedback: Feedback }
  /** The reply is one command whose output the model wants to see. */
  | { readonly outcome: 'look'; readonly command: string; readonly proposals?: readonly Proposal[] }
  /** The report that the bead was to make, checked and stored. */
  | { readonly outcome: 'report'; readonly reportRef: string; readonly proposals?: readonly Proposal[] }
  /** The reply says that the work is on the target already. */
  | { readonly outcome: 'nothingToChange'; readonly proposals?: readonly Proposal[] };

export interface RebaseBead extends BeadPlace {
  readonly head: string;
  readonly base: string;
  /** Names the attempt whose work is kept aside. */
  readonly attempt: number;
}

export type RebasedBead =
  | { readonly outcome: 'clean'; readonly base: string; readonly head: string }
  | { readonly outcome: 'empty'; readonly base: string; readonly head: string }
  | {
      readonly outcome: 'conflict';
      readonly base: string;
      readonly head: string;
      readonly feedback: Feedback;
    };

export interface WriteNote extends BeadPlace {
  readonly spec: BeadSpec;
  readonly base: string;
  readonly reason: string;
  readonly feedback: readonly Feedback[];
  /** The note that the model itself has written; what it says of files and failures is not taken (G3). */
  readonly replyRef?: string;
  readonly looks?: readonly Look[];
}

export interface WrittenNote {
  readonly noteRef: string;
  readonly head: string;
}

export interface CloseBead extends BeadPlace {
  /** What stays of the work: the branch for a later run to go on with, a ref for people, or nothing since it landed. */
  readonly keep: 'branch' | 'ref' | 'nothing';
  /** How the bead ended, for those who count; undefined from beads of older code. */
  readonly ended?: {
    readonly state: BeadState;
    readonly failure?: FailureType;
    /** Whether it ends with a commit of its own on the target. */
    readonly hasCommit: boolean;
  };
}
