import type { BeadState, Caps, Spent, Waiting } from '../bead/bead.ts';
import type { BoardProposal } from '../bead/proposal.ts';
import type { BudgetUse } from '../budget/budgetUse.ts';
import type { Until } from '../convoy.ts';
import type { Failure } from '../failure.ts';
import type { Letter } from '../mail/mailbox.ts';
import type { Forecast } from '../plan/forecast.ts';
import type { BeadStanding } from '../queue/direct.ts';
import type { Direct } from '../queue/submission.ts';
import type { UpstreamStatus } from '../queue/upstream.ts';
import type { Untested } from '../refinery/book/override.ts';

export interface BeadStatus {
  readonly bead: string;
  readonly title: string;
  readonly state: BeadState;
  readonly polecat: string;
  readonly model: string;
  /** The models that it may be handed over to, in the order in which it climbs. */
  readonly ladder: readonly string[];
  readonly attempt: number;
  readonly turn: number;
  readonly conversation: number;
  readonly base: string | undefined;
  readonly head: string | undefined;
  readonly commit: string | undefined;
  readonly spent: Spent;
  readonly caps: Caps;
  /** Why the last turn was not the end. */
  readonly lastFeedback: string | undefined;
  /** The last time that it went round in circles, and what was done about it. */
  readonly stall?: string | undefined;
  /** What became of the second opinion, also that there is none and why. */
  readonly review?: string | undefined;
  /** What the last hand-over was for, and what of it could not be done. */
  readonly handover: string | undefined;
  readonly waiting: Waiting | undefined;
  readonly failure: Failure | undefined;
  /** Where it lands, and what its task is. Beads of before this was told have none. */
  readonly lands?: BeadStanding['lands'];
}

/** One line of an epic's board. */
export interface BeadLine {
  readonly bead: string;
  readonly title: string;
  readonly state: BeadState | 'working';
  readonly wave: number;
  readonly needs: readonly string[];
  readonly commit: string | undefined;
  readonly nothingToChange: boolean;
  readonly polecat: string;
  readonly model: string;
  readonly turns: number;
  readonly tokens: number;
  /** In millionths; undefined where no model that it asked has a price. */
  readonly money?: number;
  readonly ms: number;
  /** Of a bead at work: its caps that are nearly used up. */
  readonly near?: readonly BudgetUse[];
  readonly failure: Failure | undefined;
  /** The epic can do without it. */
  readonly optional?: true;
  /** Set where it landed in an earlier launch: this one has not spent its tokens. */
  readonly earlier?: true;
}

export interface EpicStatus {
  readonly convoy: string;
  readonly epic: string;
  readonly rig: string;
  readonly target: string;
  readonly paused: string | undefined;
  readonly maxParallel: number;
  readonly waves: number;
  readonly beads: readonly BeadLine[];
  /** Work that polecats found beside their own; what waits needs a person. */
  readonly proposals?: readonly BoardProposal[];
}

export interface ConvoyStatus {
  readonly convoy: string;
  readonly title: string;
  readonly planHash: string;
  readonly state: 'opening' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled';
  readonly rigs: readonly {
    readonly rig: string;
    readonly target: string;
    readonly takeOver: string | undefined;
    readonly sandbox: string;
  }[];
  readonly epics: readonly EpicStatus[];
  readonly tokens: { readonly granted: number | undefined; readonly spent: number };
  /** In millionths; undefined while none was spent and there is no limit. */
  readonly money?: { readonly granted: number | undefined; readonly spent: number };
  /** What money is counted in. */
  readonly currency?: string;
  /** Of epics that have a budget of their own, by id. */
  readonly epicBudgets?: Readonly<Record<string, EpicBudget>>;
  /** When it finishes what it does and parks. */
  readonly until?: Until;
  /** What it was thought to cost when it was launched. */
  readonly forecast?: Forecast;
  readonly failure: Failure | undefined;
}

/** What of the convoy's budget an epic may spend, and has; undefined where it may spend what there is. */
export interface EpicBudget {
  readonly tokens?: { readonly granted: number; readonly spent: number };
  /** In millionths. */
  readonly money?: { readonly granted: number; readonly spent: number };
}

export interface QueueLine {
  readonly bead: string;
  readonly attempt: number;
  readonly state: 'waiting' | 'testing' | 'landing';
  /** Why it has not landed yet, in plain words. Queues of before this was told have only the state; so with all below. */
  readonly why?: string;
  /** When it came into the queue, epoch ms. */
  readonly since?: number;
  /** The run that tests it, and since when. */
  readonly run?: number;
  readonly testedSince?: number;
  readonly priority?: number;
  readonly hotfix?: true;
  /** A person lands it directly. */
  readonly direct?: Direct;
  /** When it lands if nothing more fails; undefined while nothing is known. */
  readonly landsAt?: number;
}

/** A test of a group, under way or remembered. */
export interface QueueRun {
  readonly run: number;
  readonly state: 'running' | 'passed' | 'failed';
  /** What it is for, in plain words. */
  readonly purpose: string;
  /** Beads; none where the target itself is tested. */
  readonly members: readonly string[];
  /** The commit of the target that it is built on; undefined where that is an earlier one than the queue remembers. */
  readonly base?: string;
  /** What was tested. */
  readonly commit?: string;
  /** Epoch ms. */
  readonly since?: number;
  /** Of one that failed: what its gates said, and the blob with their output. */
  readonly failures?: readonly string[];
  readonly outputRef?: string;
}

/** What a queue has done, over its life. */
export interface QueueCounts {
  /** Tests that ended. */
  readonly tests: number;
  /** Tests that were cancelled, since they could no longer tell or land anything. */
  readonly wasted: number;
  /** Times that it moved the target, and branches that it brought by that. */
  readonly landings: number;
  readonly branches: number;
  readonly testsPerLanded?: number;
  /** From when a branch came until it landed. */
  readonly meanWaitMs?: number;
}

export interface RefineryStatus {
  readonly rig: string;
  readonly target: string;
  readonly queue: readonly QueueLine[];
  /** How many are in it, where `queue` has only the first of them. */
  readonly queued?: number;
  readonly landed: number;
  readonly sentBack: number;
  readonly tip: string | undefined;
  /** Why nothing lands now: the base is red, or a person paused it. */
  readonly stopped: Failure | undefined;
  /** The person's branch that the town brings along; undefined where there is none, or it is theirs to move. */
  readonly upstream?: UpstreamStatus | undefined;
  /** Tests under way, then what is remembered of others, the newest first. */
  readonly runs?: readonly QueueRun[];
  readonly counts?: QueueCounts;
  /** Tests at once. */
  readonly slots?: number;
  /** How long a test takes; undefined before the first. */
  readonly usualRunMs?: number;
  /** A person closed it for what has a lower priority. */
  readonly below?: { readonly least: number; readonly reason: string };
  /** Landed by an override without a test: nothing else does until the target has passed. */
  readonly untested?: Untested;
}

export interface HostStatus {
  readonly host: string;
  readonly open: readonly string[];
  /** Models that the host is loading now. */
  readonly loading?: readonly string[];
  readonly closed: readonly {
    readonly model: string;
    readonly failure: Failure;
    readonly terminal: boolean;
  }[];
  /** It is in its quiet hours, which end then; epoch ms. */
  readonly quietUntil?: number;
  /** Counts what the lease has told; 0 before its first look. */
  readonly attempt: number;
}

export interface TownStatus {
  readonly day: string;
  /** `spent`: as far as it has been told; what was granted and not returned is spent, or reserved for beads at work. */
  readonly tokens: { readonly perDay: number | undefined; readonly granted: number; readonly spent?: number };
  /** In millionths; undefined where the day has no budget of money. */
  readonly money?: { readonly perDay: number; readonly granted: number; readonly spent?: number };
  readonly currency?: string;
  /** Oldest first. */
  readonly mailbox: readonly Letter[];
}
