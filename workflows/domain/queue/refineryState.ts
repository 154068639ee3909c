import type { Feedback } from '../bead/feedback.ts';
import type { Failure } from '../failure.ts';
import type { GateTests } from '../gateTests.ts';
import type { Submission, SubmissionId, Verdict } from './submission.ts';

/** A member of a composed group, with its own commit on the second-parent chain. */
export type GroupMember = SubmissionId & { readonly commit: string };

/** What `composeGroup` answers (structurally `ComposedGroup` of the ports, which the domain may not import). */
export interface Composed {
  readonly base: string;
  readonly baseTree: string;
  readonly gateHash: string;
  readonly commit: string | undefined;
  readonly tree: string | undefined;
  readonly members: readonly GroupMember[];
  readonly conflicts: readonly (SubmissionId & {
    readonly failure: Failure;
    readonly evidenceRef: string | undefined;
  })[];
  readonly landed: readonly GroupMember[];
  readonly upstream: { readonly tip: string; readonly conflict: Failure | undefined } | undefined;
}

/** What `testCommit` answers (structurally `GateReport` of the ports). */
export type Tested =
  | { readonly verdict: 'green' }
  | {
      readonly verdict: 'red';
      readonly failures: readonly {
        readonly gate: string;
        readonly summary: string;
        readonly command?: string;
      }[];
      readonly tests?: GateTests;
      readonly feedback: Pick<Feedback, 'summary' | 'ref' | 'failure'>;
    };

/** One commit that may land: some members, or the merge of the person's branch. */
export interface Group {
  readonly base: string;
  readonly baseTree: string;
  readonly gateHash: string;
  readonly commit: string;
  readonly tree: string;
  readonly members: readonly GroupMember[];
  /** Tip of the person's branch that this group merges; it then has no members. */
  readonly upstream: string | undefined;
}

export type Work =
  | { readonly at: 'idle' }
  /** Chosen by the planner; to be composed on the target's present tip. */
  | { readonly at: 'chosen'; readonly members: readonly string[] }
  /** The group of nobody is the base itself: then only members that conflict with it wait for the answer. */
  | {
      readonly at: 'testingBase';
      readonly group: Group;
      /** Conflicts with this base, which send their members back once it is known to be green. */
      readonly conflicts?: Composed['conflicts'];
      readonly run: number;
    }
  | { readonly at: 'testing'; readonly group: Group; readonly run: number }
  /** Green, but a person paused the queue before the landing began. */
  | { readonly at: 'green'; readonly group: Group }
  /** The landing has begun: its members can no longer be withdrawn. */
  | { readonly at: 'landing'; readonly group: Group };

export interface Stopped {
  readonly failure: Failure;
  /** Cleared when the target, its upstream or the gates are no longer these; undefined: try again at the next look. */
  readonly seen: string | undefined;
}

export interface RefineryState {
  readonly rig: string;
  readonly target: string;
  readonly upstream: string | undefined;
  /** In order of arrival; a submission keeps its place until its verdict, under test too. */
  readonly waiting: readonly Submission[];
  /** Keys of members of red groups, to be tested alone. */
  readonly suspects: readonly string[];
  /** Keys under landing whose bead asked to withdraw: honoured if the landing proves stale. */
  readonly withdrawing: readonly string[];
  /** The newest verdicts, oldest first, so that a repeated submission gets the same one again. */
  readonly settled: readonly Verdict[];
  /** The newest tip that is known to be green, and under which gates. */
  readonly green: { readonly commit: string; readonly gateHash: string } | undefined;
  readonly tip: string | undefined;
  readonly work: Work;
  readonly stopped: Stopped | undefined;
  /** Whether a stopped queue is to look at the target again. */
  readonly looking: boolean;
  readonly paused: string | undefined;
  readonly landed: number;
  readonly sentBack: number;
}

/** By a person's pause, or by a failure that a person has to mend. */
export const isStopped = ({ paused, stopped }: RefineryState): boolean =>
  paused !== undefined || stopped !== undefined;

export type RefineryEvent =
  | { readonly kind: 'submitted'; readonly submission: Submission }
  | { readonly kind: 'withdrawn'; readonly id: SubmissionId; readonly workflowId: string }
  /** The planner's answer to step `chooseGroup`. */
  | { readonly kind: 'chosen'; readonly keys: readonly string[] }
  /** The answer to step `compose`. */
  | { readonly kind: 'composed'; readonly composed: Composed }
  /** The answer to step `test`, of a base or a group. */
  | { readonly kind: 'tested'; readonly tested: Tested }
  /** Answers to step `land`. */
  | { readonly kind: 'landed' }
  | { readonly kind: 'stale'; readonly tip: string }
  /** A step failed for good: its activity threw a terminal failure. */
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The timer of a `wait` with `lookAgain` fired. */
  | { readonly kind: 'lookAgain' }
  | { readonly kind: 'paused'; readonly reason: string }
  /** Ends a pause and clears a stop. */
  | { readonly kind: 'resumed' };

/** What the workflow does next; exactly one step runs at a time, and its answer comes back as an event. */
export type Step =
  /** Nothing to do until a signal; with `lookAgain` also set a timer and send `lookAgain` when it fires. */
  | { readonly kind: 'wait'; readonly lookAgain: boolean }
  | {
      readonly kind: 'chooseGroup';
      readonly waiting: readonly Submission[];
      readonly suspects: readonly string[];
    }
  /** No members: only looks at the target. */
  | { readonly kind: 'compose'; readonly members: readonly Submission[] }
  | {
      readonly kind: 'test';
      readonly of: 'base' | 'group';
      readonly commit: string;
      readonly tree: string;
      readonly gateHash: string;
      readonly run: number;
    }
  | {
      readonly kind: 'land';
      readonly base: string;
      readonly commit: string;
      readonly members: readonly GroupMember[];
    };

/** A verdict and the workflow that it goes to. */
export interface Delivery {
  readonly workflowId: string;
  readonly verdict: Verdict;
}

export interface Reduced {
  readonly state: RefineryState;
  readonly verdicts: readonly Delivery[];
}

export const initialRefinery = (
  rig: string,
  target: string,
  upstream: string | undefined,
): RefineryState => ({
  rig,
  target,
  upstream,
  waiting: [],
  suspects: [],
  withdrawing: [],
  settled: [],
  green: undefined,
  tip: undefined,
  work: { at: 'idle' },
  stopped: undefined,
  looking: false,
  paused: undefined,
  landed: 0,
  sentBack: 0,
});
