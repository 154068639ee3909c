import type { Limits } from '../../workflows/domain/convoy.ts';

/** A plan as a person wrote it, checked against the town's configuration, with every default filled in. */
export interface Plan {
  /** The file that this was read from. */
  readonly file: string;
  /** A slug. */
  readonly convoy: string;
  readonly title: string;
  readonly epics: readonly PlannedEpic[];
}

export interface PlannedEpic {
  readonly id: string;
  readonly title: string;
  readonly rig: string;
  /** Epics of the same plan. */
  readonly needs: readonly string[];
  readonly beads: readonly PlannedBead[];
  /** What it may spend of the convoy's budget; money in millionths. */
  readonly budget?: Limits;
}

export interface PlannedBead {
  readonly id: string;
  readonly title: string;
  /** What the polecat is asked to do, in prose. */
  readonly task: string;
  /** Beads of the same epic. */
  readonly needs: readonly string[];
  readonly files: readonly string[];
  readonly tier: string | undefined;
  /** Gates of the rig by name; empty means all. */
  readonly gates: readonly string[];
  /** Gate-defining files that the person who wrote the plan allows this bead to change. */
  readonly approvedFiles: readonly string[];
  /** `report`: a text instead of a change. */
  readonly output?: 'report';
  /** Headings that its report must have. */
  readonly sections?: readonly string[];
  /** Models of its own, by key, in the order in which they are asked. */
  readonly models?: readonly string[];
  /** Tokens of context that it needs. */
  readonly context?: number;
  /** How long its calls take together, ms. */
  readonly estimateMs?: number;
  readonly attempts?: number;
  readonly optional?: true;
}
