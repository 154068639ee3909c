import type { Attribution } from './attribution.ts';
import type { Cut } from './cut.ts';
import type { Learned } from './learned.ts';
import type { Suspicion } from './suspicion.ts';

/** A branch as far as planning needs. */
export interface Branch {
  /** Its number in order of arrival; never given twice, so a branch that comes again has a new one. */
  readonly id: number;
  readonly arrivedAt: number;
  /** What is higher is taken first; usual is 0. */
  readonly priority?: number;
  /** Has a slot of its own, alone on main, and lands first. */
  readonly hotfix?: boolean;
  /** The chance that it is bad, known before any test; undefined: as the rig's branches are. */
  readonly prior?: number;
  /** Areas that it touches, by number (a package, a folder); undefined: unknown, so it overlaps with everybody. */
  readonly footprint?: readonly number[];
  /** Waiting branches that do not merge together with it. */
  readonly conflicts?: readonly number[];
}

/** A branch that waits, and what is believed of it. */
export interface Waiting extends Branch {
  /** Failed runs of it alone, each on what was main then, since it last passed. */
  readonly loneFailures: readonly number[];
  /** When such a run ended last. */
  readonly failedAloneAt?: number;
  /** It passed in some run, and nothing has landed since that may quarrel with it. */
  readonly clean: boolean;
  /** The chance that it is bad, where something changed it; undefined: its prior. */
  readonly risk?: number;
  /** Since when it is taken for bad: from then on it is tested alone. */
  readonly convictedAt?: number;
  /** A run with it got as far as its tests, so it does not break the build. */
  readonly builds?: boolean;
  /** Runs with it that named the tests they failed by. */
  readonly seen?: number;
  /** The landing from which on runs tell of it: something that it may quarrel with landed then. */
  readonly since?: number;
  /** Overlapping branches that landed after it had proved good. */
  readonly overtakenBy?: number;
  /** It is left out of confirms until more than so many landings: one with it quarrelled. */
  readonly heldAt?: number;
}

export type Purpose =
  /** Fresh work, in a group of the size that tells most. */
  | 'screen'
  /** Some of those among which a culprit is. */
  | 'split'
  /** Work that passed apart, to be landed together. */
  | 'confirm'
  /** A prefix of a confirm that failed. */
  | 'cut'
  /** One branch, whose second failure sends it back. */
  | 'lone'
  /** Everything but the likeliest culprits, in a slot that would idle. */
  | 'union'
  /** Main itself, without members. */
  | 'base';

/** A test of main and some branches on top of it, in order. */
export interface Run {
  readonly id: number;
  readonly members: readonly number[];
  readonly purpose: Purpose;
  readonly startedAt: number;
  /** How many landings main had had. */
  readonly landings: number;
  /** How many members no run had seen before: the result of a first screen teaches how many branches are bad. */
  readonly first?: number;
  /** The cut that it belongs to. */
  readonly cut?: number;
}

/** A run under way, or one that passed and may still land. */
export interface LiveRun extends Run {
  /** Something landed since it started that it does not contain: its commit is no longer one step from main. */
  readonly stale: boolean;
  /** Members that have landed already, so its commit is still exactly main and the others. */
  readonly landed: readonly number[];
}

/** A test that failed. */
export interface FailingTest {
  readonly name: string;
  /** The area that it belongs to, in the numbers of footprints. */
  readonly area?: number;
}

export type Outcome =
  | { readonly kind: 'passed' }
  /** `tests` is empty where the run names none: pass or fail is all that is known. */
  | { readonly kind: 'failed'; readonly tests: readonly FailingTest[] }
  /** It says nothing of its members: the machine failed. */
  | { readonly kind: 'broken' };

/** Everything that a plan is made from; plain JSON, folded from the events by `fold`. */
export interface QueueState {
  readonly now: number;
  /** Tests at once. */
  readonly slots: number;
  readonly policy: Policy;
  /** In order of arrival. */
  readonly waiting: readonly Waiting[];
  readonly running: readonly LiveRun[];
  /** Runs that passed and may still land. */
  readonly passed: readonly LiveRun[];
  /** What landed since the oldest run under way began, oldest first. */
  readonly landed: readonly LandedBranch[];
  readonly landings: number;
  readonly nextRun: number;
  readonly base: Base;
  readonly suspicions: readonly Suspicion[];
  readonly cut: Cut | undefined;
  readonly learned: Learned;
  /** How many moments with arrivals there were in a unit of time, as of the last of them. */
  readonly arrivals?: { readonly rate: number; readonly at: number };
  readonly attribution: Attribution;
}

export interface LandedBranch {
  readonly id: number;
  /** Number of the landing that brought it. */
  readonly landing: number;
  readonly footprint: readonly number[] | undefined;
}

/** Main itself. */
export interface Base {
  /** Somebody's commit came without a run of ours, or nothing passes on it any more. */
  readonly doubted: boolean;
  /** Failed runs of it without any branch. */
  readonly failures: number;
  /** When a run on it last passed, or the queue began. */
  readonly passedAt?: number;
  /** A person landed something without a test: nothing else lands until main itself passes, or what mends it. */
  readonly closed?: true;
}

/** What is set by people, or measured elsewhere. */
export interface Policy {
  /** The length of a usual run, in the unit of `now`. */
  readonly usualRun: number;
  /** The share of bad branches, where it is known; undefined: learned. */
  readonly badShare?: number;
  /** The chance that two overlapping branches quarrel although each is good; undefined: learned. */
  readonly quarrelRate?: number;
  /** The chance that a run fails by itself. */
  readonly flakeRate: number;
  /** Whether runs name the tests that failed. */
  readonly namesTests: boolean;
  /** Starts nothing. */
  readonly paused?: boolean;
  /** Of what waits only this priority and higher is taken. */
  readonly leastPriority?: number;
}

export type QueueEvent =
  | { readonly kind: 'arrived'; readonly at: number; readonly branch: Branch }
  /** A plan was carried out: what it starts runs now, what it cancels no longer does. */
  | { readonly kind: 'decided'; readonly at: number; readonly decision: Decision }
  | { readonly kind: 'ended'; readonly at: number; readonly run: number; readonly outcome: Outcome }
  /** A run holds fewer members than it was to: the others do not merge with these. */
  | {
      readonly kind: 'composed';
      readonly at: number;
      readonly run: number;
      readonly members: readonly number[];
    }
  /** The commit of a run is main now. */
  | { readonly kind: 'landed'; readonly at: number; readonly run: number }
  /** Main was moved by somebody else. */
  | {
      readonly kind: 'moved';
      readonly at: number;
      readonly footprint: readonly number[] | undefined;
      /** Its own gates have passed already. */
      readonly tested?: boolean;
      /** By a person's override: nothing lands until main itself passes. */
      readonly closes?: true;
    }
  /** Branches that were sent back, withdrawn, or do not merge with main. */
  | { readonly kind: 'left'; readonly at: number; readonly branches: readonly number[] }
  | { readonly kind: 'set'; readonly at: number; readonly slots?: number; readonly policy?: Partial<Policy> };

/** A run to be started on main as it is. */
export type Start = Pick<Run, 'members' | 'purpose' | 'first' | 'cut'>;

export interface Conviction {
  readonly branch: number;
  /** The test that it accounts for. */
  readonly test?: string;
}

/** What is to be done now. After a landing or a rejection plan again. */
export interface Decision {
  /** The run whose commit becomes main. */
  readonly land?: number;
  /** Branches to send back, each with the two runs of it alone that failed. */
  readonly reject: readonly { readonly branch: number; readonly runs: readonly number[] }[];
  readonly cancel: readonly number[];
  /** At most as many as slots are free, after what is cancelled. */
  readonly start: readonly Start[];
  /** Branches that are taken for bad from now on, by inference; never sent back for that alone. */
  readonly convict: readonly Conviction[];
  /** Main fails its own gates: nothing is started or sent back until that is mended. */
  readonly redBase?: boolean;
}
