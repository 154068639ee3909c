/** Signs of life of what is open, as the server tells them. */
import type { Failure } from '../failure.ts';

export interface Pulses {
  readonly beads: readonly BeadPulse[];
  readonly hosts: readonly HostPulse[];
  readonly epics: readonly EpicPulse[];
  /** Open beads whose epic is not, and for how long they have been, ms. */
  readonly adrift: readonly { readonly bead: string; readonly ageMs: number }[];
}

/** A step that an open workflow waits for. */
export interface PendingStep {
  readonly activity: string;
  /** Whether a worker has it. */
  readonly started: boolean;
  /** Since its last heartbeat, else since it was started or could have been, ms. */
  readonly quietMs: number;
  readonly attempt: number;
}

export interface BeadPulse {
  /** CONVOY/EPIC/BEAD. */
  readonly bead: string;
  /** The step that has been quiet longest; undefined when it waits for none. */
  readonly pending: PendingStep | undefined;
  /** Failed tries of its present workflow task: a workflow that cannot go on at all. */
  readonly failedTasks: number;
}

export interface HostPulse {
  readonly host: string;
  /** Since its lease has beaten last, ms; undefined when nobody holds it or waits for it. */
  readonly quietMs: number | undefined;
  readonly started: boolean;
  /** Why it serves nothing: the trouble of its first model; undefined while one is open or may be. */
  readonly down: Failure | undefined;
}

export interface EpicPulse {
  /** CONVOY/EPIC. */
  readonly epic: string;
  /** Changes when anything on its board does. */
  readonly board: string;
  /** It has beads to start, and nothing works or holds it back. */
  readonly idle: boolean;
}

/** What a patrol tells the next one. Losing it costs a repeated nudge or letter, nothing else. */
export interface PatrolMemory {
  /** Hand-overs that a silent bead was asked for, by bead. */
  readonly nudges: Readonly<Record<string, number>>;
  /** Findings that the person has a letter about, by what they are about: the type of the failure. */
  readonly told: Readonly<Record<string, string>>;
  /** Since when hosts serve nothing and epics stand still, epoch ms. */
  readonly since: Readonly<Record<string, number>>;
}

export const noMemory: PatrolMemory = { nudges: {}, told: {}, since: {} };

/** So often a silent bead is asked to hand over before a person hears of it. */
export const mostNudges = 3;
