import type { BeadState, Caps, Spent, Waiting } from './bead.ts';
import type { Failure } from './failure.ts';

export interface BeadStatus {
  readonly bead: string;
  readonly title: string;
  readonly state: BeadState;
  readonly polecat: string;
  readonly model: string;
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
  readonly waiting: Waiting | undefined;
  readonly failure: Failure | undefined;
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
  readonly ms: number;
  readonly failure: Failure | undefined;
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
  readonly failure: Failure | undefined;
}

export interface QueueLine {
  readonly bead: string;
  readonly attempt: number;
  readonly state: 'waiting' | 'testing' | 'landing';
}

export interface RefineryStatus {
  readonly rig: string;
  readonly target: string;
  readonly queue: readonly QueueLine[];
  readonly landed: number;
  readonly sentBack: number;
  readonly tip: string | undefined;
  /** Why nothing lands now: the base is red, or a person paused it. */
  readonly stopped: Failure | undefined;
}

export interface HostStatus {
  readonly host: string;
  readonly open: readonly string[];
  readonly closed: readonly {
    readonly model: string;
    readonly failure: Failure;
    readonly terminal: boolean;
  }[];
  readonly attempt: number;
}

export interface TownStatus {
  readonly day: string;
  readonly tokens: { readonly perDay: number | undefined; readonly granted: number };
  readonly mailbox: readonly { readonly about: string; readonly failure: Failure; readonly at: number }[];
}
