import type { ModelStep } from '../convoy.ts';
import type { Failure } from '../failure.ts';
import type { Usage } from '../host/model.ts';
import type { Proposal } from './proposal.ts';

/** What a plan says of a bead. The task's text is a blob; histories hold its hash. */
export interface BeadSpec {
  readonly id: string;
  readonly title: string;
  /** sha256 of the task's text, its blob's name and the `Bead-Task` trailer. */
  readonly taskRef: string;
  /** Beads of the same epic whose change must be on the target first. */
  readonly needs: readonly string[];
  /** Paths that the task is about, shown to the model in full. May name files that do not exist yet. */
  readonly files: readonly string[];
  readonly tier: string | undefined;
  /** Gates by name that the polecat runs; empty means all of the rig's. The Refinery always runs all. */
  readonly gates: readonly string[];
  /** Gate-defining files that this bead may change because the Overseer approved it. */
  readonly approvedFiles: readonly string[];
  /** What it makes: a change when left out. */
  readonly output?: 'report';
  /** Headings that its report must have. */
  readonly sections?: readonly string[];
  /** How long its calls to models take together, by the plan's word, ms. */
  readonly estimateMs?: number;
  /** Models of its own, in the order in which they are asked; those of its tier when left out. */
  readonly ladder?: readonly ModelStep[];
  /** Tries before it is blocked; as the caps say when left out. */
  readonly attempts?: number;
  /** The epic can do without it: when it does not land, what needs it starts all the same. */
  readonly optional?: true;
}

/** What one bead may spend. A cap stops new calls and loses no work (G7). */
export interface Caps {
  readonly turns: number;
  readonly tokens: number;
  readonly wallMs: number;
  /** Submissions and red gate runs before the bead is blocked. */
  readonly attempts: number;
  /** In millionths of the town's currency; undefined means without limit. */
  readonly money?: number;
}

export interface Spent {
  readonly turns: number;
  readonly usage: Usage;
  /** Time at work in ms; parked and queued time does not count. */
  readonly wallMs: number;
  readonly attempts: number;
}

/** The moments of a bead's life, as people see them. */
export type BeadState =
  | 'pending' // needs have not landed
  | 'held' // something it needs ended without landing
  | 'opening' // worktree and base
  | 'composing' // writing the prompt
  | 'inferring' // waiting for, or reading, a model's reply
  | 'applying'
  | 'gates'
  | 'reviewing' // a second opinion before the Refinery
  | 'queued' // in the Refinery
  | 'rebasing'
  | 'parked' // open, holds no slot, waits for `resume`
  | 'landed'
  | 'blocked'
  | 'cancelled';

const settled: readonly BeadState[] = ['landed', 'blocked', 'cancelled', 'held'];

/** Landed, blocked, cancelled, or held behind such. */
export const isSettled = (state: BeadState): boolean => settled.includes(state);

const next: Readonly<Record<BeadState, readonly BeadState[]>> = {
  pending: ['opening', 'held', 'cancelled', 'landed'],
  held: ['pending', 'opening', 'cancelled'],
  opening: ['composing', 'rebasing', 'gates', 'landed', 'parked', 'blocked', 'cancelled', 'opening'],
  composing: ['inferring', 'applying', 'parked', 'blocked', 'cancelled'],
  inferring: ['applying', 'composing', 'parked', 'blocked', 'cancelled'],
  applying: ['gates', 'reviewing', 'composing', 'parked', 'blocked', 'cancelled', 'landed'],
  gates: ['queued', 'reviewing', 'composing', 'landed', 'parked', 'blocked', 'cancelled'],
  reviewing: ['queued', 'composing', 'parked', 'blocked', 'cancelled'],
  queued: ['landed', 'rebasing', 'parked', 'composing', 'blocked', 'cancelled'],
  rebasing: ['gates', 'composing', 'parked', 'blocked', 'cancelled'],
  parked: ['opening', 'reviewing', 'cancelled', 'landed', 'blocked', 'parked'],
  landed: [],
  blocked: ['pending', 'opening'],
  cancelled: ['pending', 'opening'],
};

/** Whether a bead may go from one state to another. Blocked and cancelled beads live again only by a retry. */
export const canBecome = (from: BeadState, to: BeadState): boolean => next[from].includes(to);

/** What a bead is waiting for right now, when that needs saying (G10). */
export interface Waiting {
  readonly since: number;
  readonly failure: Failure;
}

/** How a bead that landed ended: with a commit, or because its work was on the target already. */
export interface BeadLanded {
  readonly state: 'landed';
  readonly bead: string;
  /** The commit of this bead on the target; undefined when there was nothing to change. */
  readonly commit: string | undefined;
  readonly nothingToChange: boolean;
  /** Blob of the text that a bead with `output: report` has made. */
  readonly reportRef?: string;
  readonly spent: Spent;
  /** Time the bead lived, ms. */
  readonly ms: number;
  readonly model: string;
  readonly polecat: string;
  readonly proposals?: readonly Proposal[];
}

/** The details of the `ApplicationFailure` of type `BeadBlocked` with which a blocked bead ends. */
export interface BeadBlocked {
  readonly state: 'blocked';
  readonly bead: string;
  readonly failure: Failure;
  readonly spent: Spent;
  readonly ms: number;
  readonly model: string;
  readonly polecat: string;
  readonly proposals?: readonly Proposal[];
}

/** The `type` of that failure. */
export const beadBlocked = 'BeadBlocked';
