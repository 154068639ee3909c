import type { Failure } from '../../failure.ts';
import type { GroupMember, Stopped, Tested } from '../../queue/refineryState.ts';
import type { Submission, SubmissionId, Verdict } from '../../queue/submission.ts';
import { emptyQueue } from '../screening/fold.ts';
import type { Decision, QueueState } from '../screening/queue.ts';
import type { Naming } from './naming.ts';
import type { Overrode, Untested } from './override.ts';

/** Where the target is, and under which gates it is to be tested. */
export interface Tip {
  readonly commit: string;
  readonly tree: string;
  readonly gateHash: string;
}

/** A conflict with the target itself. */
export interface Conflict {
  readonly failure: Failure;
  readonly evidenceRef: string | undefined;
}

/** A submission in the queue. */
export interface Entry {
  /** The planner's number of it: a branch that comes again gets a new one. */
  readonly id: number;
  readonly submission: Submission;
  readonly since: number;
  /** `new`: the planner has not heard of it. `again`: what landed may have made it conflict with the target. */
  readonly look?: 'new' | 'again';
  /** It does not merge with a target that nobody has tested: that is told once the target is known to be green (G2). */
  readonly conflict?: Conflict;
  /** The book's era when it was looked at last. */
  readonly era?: number;
  readonly priority?: number;
  readonly hotfix?: true;
  /** Its failed runs alone, newest last: what it is sent back with. */
  readonly reds?: readonly LoneRed[];
}

export interface LoneRed {
  readonly run: number;
  readonly base: string;
  readonly commit: string;
  readonly answer: Extract<Tested, { verdict: 'red' }>;
}

/** A commit that passed and may still land. */
export interface GreenRun {
  readonly run: number;
  readonly base: string;
  readonly commit: string;
  readonly tree: string;
  readonly gateHash: string;
  readonly members: readonly GroupMember[];
}

/** The merge of the person's branch, which goes before all that waits: it has no members. */
export interface UpstreamMerge {
  readonly tip: string;
  readonly base: string;
  readonly commit: string;
  readonly tree: string;
  readonly gateHash: string;
}

/** Everything that one merge queue knows; plain JSON, carried from run to run of its workflow. */
export interface Book {
  readonly rig: string;
  readonly target: string;
  readonly upstream: string | undefined;
  /** What the planner sees. */
  readonly queue: QueueState;
  /** In order of arrival. */
  readonly entries: readonly Entry[];
  readonly nextId: number;
  readonly greens: readonly GreenRun[];
  readonly tip: Tip | undefined;
  /** The target has to be looked at before anything else is done. */
  readonly unseen: boolean;
  readonly merge: UpstreamMerge | undefined;
  /** The last failed run of the target itself. */
  readonly baseRed: LoneRed | undefined;
  /** The run that is being landed: its members can no longer be withdrawn. */
  readonly landing: number | undefined;
  /** Keys under landing whose bead asked to withdraw: honoured if the landing proves stale. */
  readonly withdrawing: readonly string[];
  /** The newest verdicts, oldest first, so that a repeated submission gets the same one again. */
  readonly settled: readonly Verdict[];
  /** What landed last without a test, while the target has not passed since. */
  readonly untested?: Untested;
  /** Submissions of beads that a person lands directly just now. */
  readonly standby?: readonly Submission[];
  /** The branch that lands without a test just now. */
  readonly overriding?: number;
  /** Counts moves of the target that were not this queue's: who was looked at before the last one may have landed by it. */
  readonly era?: number;
  readonly stopped: Stopped | undefined;
  readonly paused: string | undefined;
  /** Why it is closed for what is below `queue.policy.leastPriority`. */
  readonly closed?: string;
  readonly landed: number;
  readonly sentBack: number;
  readonly counts: Counts;
  readonly naming: Naming;
}

/** What people may ask for, over the queue's life. */
export interface Counts {
  /** Runs that ended by themselves, and others that were cancelled. */
  readonly tests: number;
  readonly wasted: number;
  /** First-parent commits on the target, and branches that they brought. */
  readonly landings: number;
  readonly branches: number;
  /** Sum of the waits of what landed, ms. */
  readonly waitedMs: number;
}

/** What `examine` found of one submission. */
export type Looked = SubmissionId &
  (
    | {
        readonly outcome: 'fits';
        /** Areas that it touches; undefined: too many to tell. */
        readonly footprint: readonly number[] | undefined;
        /** Keys of waiting submissions that it does not merge with. */
        readonly conflicts: readonly string[];
      }
    | ({ readonly outcome: 'conflicts' } & Conflict)
    | { readonly outcome: 'landed'; readonly commit: string }
  );

export type BookEvent =
  | { readonly kind: 'submitted'; readonly submission: Submission }
  | { readonly kind: 'withdrawn'; readonly id: SubmissionId; readonly workflowId: string }
  | {
      readonly kind: 'looked';
      readonly tip: Tip;
      /** The gates have passed on exactly this tree. */
      readonly isGreen: boolean;
      readonly slots: number;
      readonly upstream:
        | { readonly tip: string; readonly conflict: Failure | undefined; readonly merge?: UpstreamMerge }
        | undefined;
      readonly found: readonly Looked[];
    }
  | { readonly kind: 'decided'; readonly decision: Decision }
  | { readonly kind: 'tested'; readonly run: number; readonly answer: GroupTested }
  /** Cancelled, or the machine failed. */
  | { readonly kind: 'broken'; readonly run: number }
  | {
      readonly kind: 'landed';
      readonly run: number;
      readonly tip: Tip;
      readonly members: readonly GroupMember[];
    }
  | { readonly kind: 'merged'; readonly tip: Tip }
  /** A branch begins to land by a person's word alone. */
  | { readonly kind: 'overriding'; readonly id: number }
  | Overrode
  /** What was to land cannot: the target moved, or it is not what was tested. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly seen?: string }
  | { readonly kind: 'look' }
  | { readonly kind: 'paused'; readonly reason: string }
  /** Goes on with what has at least this priority, and hotfixes. */
  | { readonly kind: 'closed'; readonly reason: string; readonly least: number }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'ranked'; readonly key: string; readonly priority?: number; readonly hotfix?: boolean };

/** What the test of a group came to. */
export interface GroupTested {
  readonly base: string;
  readonly baseTree: string;
  readonly gateHash: string;
  readonly commit: string | undefined;
  readonly tree: string | undefined;
  readonly members: readonly GroupMember[];
  readonly conflicts: readonly (SubmissionId & Conflict)[];
  readonly landed: readonly GroupMember[];
  /** Undefined where nothing merged. */
  readonly report:
    | (Tested & { readonly ms?: number; readonly tests?: { readonly failing: readonly string[] } })
    | undefined;
}

/** Nobody has named a test yet; how often branches quarrel that are each good is learned. */
const policy = { namesTests: false };

export const emptyBook = (rig: string, target: string, upstream: string | undefined): Book => ({
  ...{
    rig,
    target,
    upstream,
    queue: emptyQueue(1, policy),
    entries: [],
    nextId: 1,
    greens: [],
    tip: undefined,
  },
  ...{ unseen: true, merge: undefined, baseRed: undefined, landing: undefined, withdrawing: [], settled: [] },
  ...{ stopped: undefined, paused: undefined, landed: 0, sentBack: 0 },
  naming: { named: 0, unnamed: 0 },
  counts: { tests: 0, wasted: 0, landings: 0, branches: 0, waitedMs: 0 },
});
