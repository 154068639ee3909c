/** The ports of the queues `refinery.<rig>` and `land.<rig>` (one slot): composing, testing, landing. */
import type { Failure } from '../domain/failure.ts';
import type { Submission, SubmissionId, Verdict } from '../domain/queue/submission.ts';
import type { Behind } from '../domain/queue/upstream.ts';
import type { Looked, Tip, UpstreamMerge } from '../domain/refinery/book/book.ts';
import type { GateReport } from './gates.ts';

export interface RefineryPort {
  /** Takes the target's present tip and merges what it can of the members onto it, in order, as one group. */
  composeGroup(request: ComposeGroup): Promise<ComposedGroup>;
  /** The same for one branch that a person lands without a test: its group commit says so by a trailer. */
  composeUntested(request: ComposeUntested): Promise<ComposedGroup>;
  /** Runs all gates of the rig on a commit in a clean slot. Green results are kept by (tree, gate hash). */
  testCommit(request: TestCommit): Promise<GateReport>;
  /** Looks where the target is, and how submissions stand to it and to each other. */
  examine(request: ExamineQueue): Promise<ExaminedQueue>;
  /** Composes members on a tip and runs all gates on the outcome; without members on the tip itself. */
  testGroup(request: TestGroup): Promise<GroupTest>;
  /** Keeps a verdict that could not be delivered, as a ref. */
  keepVerdict(request: { readonly rig: string; readonly verdict: Verdict }): Promise<void>;
  /** Brings the person's branch beside the target up to it, with its work tree where that is clean and unmoved. */
  forwardUpstream(request: RefineryTarget): Promise<Forwarded>;
}

export type Forwarded =
  | { readonly outcome: 'forwarded'; readonly commit: string }
  /** It has all that landed. */
  | { readonly outcome: 'even'; readonly commit: string }
  /** Not now: something of the person's is in the way. */
  | { readonly outcome: 'behind'; readonly behind: Behind }
  /** The rig is configured so that a person takes over. */
  | { readonly outcome: 'theirs' };

export interface RefineryTarget {
  readonly rig: string;
  readonly target: string;
  readonly upstream: string | undefined;
}

export interface ComposeGroup extends RefineryTarget {
  readonly members: readonly Submission[];
}

export interface ComposeUntested extends RefineryTarget {
  readonly member: Submission;
  readonly override: Override;
}

/** A person's word that a commit lands without a run of the gates. */
export interface Override {
  readonly by: string;
  readonly reason: string;
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

/** One that was looked at before, with which new ones may not merge. */
export interface Beside {
  readonly key: string;
  readonly head: string;
  /** The commit that it was made on. */
  readonly base?: string;
}

export interface ExamineQueue extends RefineryTarget {
  /** Whom it is about. */
  readonly members: readonly Submission[];
  /** Who else waits. */
  readonly beside: readonly Beside[];
}

export type LookedAt = Looked;

export interface ExaminedQueue {
  readonly tip: Tip;
  readonly isGreen: boolean;
  /** Tests that run at once where this was looked at. */
  readonly slots: number;
  readonly upstream:
    | { readonly tip: string; readonly conflict: Failure | undefined; readonly merge?: UpstreamMerge }
    | undefined;
  readonly found: readonly LookedAt[];
}

export interface TestGroup extends RefineryTarget {
  readonly base: string;
  readonly members: readonly Submission[];
  /** 1 takes a green of the same tree and gates for the answer; a repeat after a red one does not. */
  readonly run: number;
  /** Whether `examine` has looked at all members: then none of them is on the base already, and nobody looks again. */
  readonly looked?: boolean;
}

export type GroupTest = Omit<ComposedGroup, 'upstream'> & { readonly report: GateReport | undefined };

export interface TestCommit extends RefineryTarget {
  readonly commit: string;
  readonly tree: string;
  readonly gateHash: string;
  /** Counts runs of the same test, so that a repeat is not answered by a result that is being doubted. */
  readonly run: number;
}

export interface LandPort {
  /** Moves the target from `base` to `commit` by compare-and-swap (G2), or finds that it has happened. */
  land(request: Land): Promise<Landing>;
}

export interface Land extends RefineryTarget {
  readonly base: string;
  readonly commit: string;
  readonly members: readonly (SubmissionId & { readonly commit: string })[];
  /** How long each member has waited in the queue. */
  readonly waitsMs?: readonly number[];
  /** Lands although nobody has tested it; the commit has to say the same. */
  readonly override?: Override;
}

export type Landing =
  | { readonly outcome: 'landed'; readonly commit: string }
  /** Somebody else moved the target. */
  | { readonly outcome: 'stale'; readonly tip: string };
