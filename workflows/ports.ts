/**
 * What workflows ask of the outside world: one interface per kind of activity. Activities implement these and import
 * nothing else of `workflows/` but the domain. Every method is an *ensure* operation: repeat it and the result is the
 * same (G5). All arguments and results are small and plain: texts are blobs, named by their sha256.
 * Failures are `ApplicationFailure` with a type of `domain/failure.ts` and one `Failure` as details.
 */
import type { BeadLanded, BeadSpec } from './domain/bead.ts';
import type { Failure } from './domain/failure.ts';
import type { Feedback } from './domain/feedback.ts';
import type { Usage } from './domain/model.ts';
import type { BeadRef, Place } from './domain/naming.ts';
import type { OpenedRig } from './domain/rig.ts';
import type { Submission, SubmissionId, Verdict } from './domain/submission.ts';

/** Where a bead's work happens. */
export interface BeadPlace {
  readonly bead: BeadRef;
  readonly rig: string;
  /** The branch of G1. */
  readonly target: string;
  readonly place: Place;
}

// ---- queue rig.<rig>.<place> -------------------------------------------------------------------------------------

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
  /** Removes worktree and branch. `keep`: the work stays as a ref for people. */
  closeBead(request: CloseBead): Promise<void>;
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

export type { Feedback };

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
}

export interface ComposedPrompt {
  readonly promptRef: string;
  readonly estimatedTokens: number;
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
}

export type AppliedReply =
  | {
      readonly outcome: 'applied';
      readonly head: string;
      readonly files: number;
      readonly added: number;
      readonly removed: number;
    }
  | { readonly outcome: 'refused'; readonly feedback: Feedback }
  /** The reply says that the work is on the target already. */
  | { readonly outcome: 'nothingToChange' };

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
}

export interface WrittenNote {
  readonly noteRef: string;
  readonly head: string;
}

export interface CloseBead extends BeadPlace {
  readonly keep: boolean;
}

// ---- queue gate.<rig>.<place> ------------------------------------------------------------------------------------

export interface GatePort {
  /** Runs gates in the sandbox on the committed tree of a bead's worktree. Red is a result, not an error. */
  runGates(request: RunGates): Promise<GateReport>;
}

export interface RunGates extends BeadPlace {
  readonly head: string;
  /** Names; empty means all. */
  readonly gates: readonly string[];
}

export interface GateFailure {
  readonly gate: string;
  readonly kind: 'exit' | 'timeout' | 'flood' | 'setup';
  readonly exitCode: number | undefined;
  /** First error, one line. */
  readonly summary: string;
  /** Blob with the whole (bounded) output. */
  readonly logRef: string;
}

export type GateReport =
  | {
      readonly verdict: 'green';
      readonly tree: string;
      readonly gateHash: string;
      readonly ms: number;
      readonly cached: boolean;
    }
  | {
      readonly verdict: 'red';
      readonly tree: string;
      readonly gateHash: string;
      readonly ms: number;
      readonly failures: readonly GateFailure[];
      /** What a polecat needs to see of it. */
      readonly feedback: Feedback;
    };

// ---- queue llm.<model> -------------------------------------------------------------------------------------------

export interface InferencePort {
  /** One model call on whichever host has the model open. */
  infer(request: Infer): Promise<Inferred>;
}

export interface Infer {
  readonly model: string;
  readonly promptRef: string;
  readonly estimatedTokens: number;
  readonly bead: BeadRef;
  readonly turn: number;
}

export interface Inferred {
  readonly replyRef: string;
  readonly finish: 'stop' | 'length';
  readonly host: string;
  /** Of this call and of attempts of it that were lost (G7). */
  readonly usage: Usage;
  readonly ms: number;
  readonly firstTokenMs: number;
}

/** Heartbeat details of `infer`, and details of its cancellation: what has been spent so far. */
export interface InferProgress {
  readonly usage: Usage;
  readonly host: string;
}

// ---- queue refinery.<rig> ----------------------------------------------------------------------------------------

export interface RefineryPort {
  /** Takes the target's present tip and merges what it can of the members onto it, in order, as one group. */
  composeGroup(request: ComposeGroup): Promise<ComposedGroup>;
  /** Runs all gates of the rig on a commit in a clean slot. Green results are kept by (tree, gate hash). */
  testCommit(request: TestCommit): Promise<GateReport>;
  /** Keeps a verdict that could not be delivered, as a ref. */
  keepVerdict(request: { readonly rig: string; readonly verdict: Verdict }): Promise<void>;
}

export interface RefineryTarget {
  readonly rig: string;
  readonly target: string;
  readonly upstream: string | undefined;
}

export interface ComposeGroup extends RefineryTarget {
  readonly members: readonly Submission[];
}

export interface ComposedGroup {
  /** The target's tip at this moment: the fencing token of the landing. */
  readonly base: string;
  readonly baseTree: string;
  readonly gateHash: string;
  /** The group commit, whose first parent is `base`; undefined when nothing merges. */
  readonly commit: string | undefined;
  readonly tree: string | undefined;
  /** Members that are in the commit, in order, each with its commit on the second-parent chain. */
  readonly members: readonly (SubmissionId & { readonly commit: string })[];
  /** Members that do not merge with the tip itself. Those that only conflict with others of the group are just left out. */
  readonly conflicts: readonly (SubmissionId & {
    readonly failure: Failure;
    readonly evidenceRef: string | undefined;
  })[];
  /** Members that are on the target already. */
  readonly landed: readonly (SubmissionId & { readonly commit: string })[];
  /** In branch mode: the person's branch moved, and this group merges it (it then has no members). */
  readonly upstream: { readonly tip: string; readonly conflict: Failure | undefined } | undefined;
}

export interface TestCommit extends RefineryTarget {
  readonly commit: string;
  readonly tree: string;
  readonly gateHash: string;
  /** Counts runs of the same test, so that a repeat is not answered by a result that is being doubted. */
  readonly run: number;
}

// ---- queue land.<rig> --------------------------------------------------------------------------------------------

export interface LandPort {
  /** Moves the target from `base` to `commit` by compare-and-swap (G2), or finds that it has happened. */
  land(request: Land): Promise<Landing>;
}

export interface Land extends RefineryTarget {
  readonly base: string;
  readonly commit: string;
  readonly members: readonly (SubmissionId & { readonly commit: string })[];
}

export type Landing =
  | { readonly outcome: 'landed'; readonly commit: string }
  /** Somebody else moved the target. */
  | { readonly outcome: 'stale'; readonly tip: string };

// ---- queue town --------------------------------------------------------------------------------------------------

export interface TownPort {
  /** Signals the Refinery, starting it when needed. */
  submit(request: RefineryTarget & { readonly submission: Submission }): Promise<void>;
  withdraw(request: RefineryTarget & { readonly submission: SubmissionId }): Promise<void>;
  /** Whether the Refinery knows a submission; costs its history nothing. */
  standing(
    request: RefineryTarget & { readonly submission: SubmissionId },
  ): Promise<'queued' | 'settled' | 'unknown'>;
  /** How a bead's workflow stands. */
  beadOutcome(workflowId: string): Promise<BeadOutcome>;
  /** Waits for the end of a bead that somebody else started. */
  awaitBead(workflowId: string): Promise<BeadOutcome>;
  /** Sends an update, which workflows cannot do themselves. A refusal (it is so already) counts as done. */
  update(request: UpdateRequest): Promise<void>;
  /** Why calls of a model wait: undefined when a host has it open. */
  modelOutlook(model: string): Promise<ModelOutlook>;
  /** Asks the town for tokens and polecat names, starting it when needed; the answer is the signal `allowance`. */
  askTown(request: AskTown): Promise<void>;
}

export interface UpdateRequest {
  readonly workflowId: string;
  readonly name: 'pause' | 'resume';
  readonly argument: object;
}

export type BeadOutcome =
  | { readonly state: 'landed'; readonly result: BeadLanded }
  | { readonly state: 'running' }
  | { readonly state: 'ended'; readonly failure: Failure | undefined };

export interface ModelOutlook {
  readonly open: readonly string[];
  /** The hosts that could serve it but do not, each with the reason. */
  readonly closed: readonly {
    readonly host: string;
    readonly failure: Failure;
    readonly terminal: boolean;
  }[];
}

export interface AskTown {
  readonly convoy: string;
  /** Tokens wanted; undefined asks for names only. */
  readonly tokens: number | undefined;
  readonly names: number;
}

// ---- local activities: decisions that histories hold, so that a better rule replays old ones ---------------------

export interface PlannerPort {
  /** The day in the town's time zone, and when it ends (epoch ms). */
  calendarDay(timeZone: string, now: number): Promise<{ readonly day: string; readonly endsAt: number }>;
  /** Which of the waiting submissions the next group is made of. */
  chooseGroup(waiting: readonly Submission[], suspects: readonly string[]): Promise<readonly string[]>;
}

// ---- queue host.<host> -------------------------------------------------------------------------------------------

export interface HostPort {
  /**
   * The lease of one host: while it runs, and only then, this process keeps the Workers on `llm.<model>` of the host
   * and decides what is loaded. Returns at a quiet moment after `maxMs`.
   */
  tendHost(request: TendHost): Promise<void>;
}

export interface TendHost {
  readonly host: string;
  readonly maxMs: number;
}
