/** The ports of a patrol: what lies on the disk (queue `rig.<rig>.<place>`), and who is alive (queue `town`). */
import type { Owner, PatrolBounds, PatrolFacts, Repair, RigFacts } from '../domain/patrol/patrol.ts';
import type { PatrolPlan } from '../domain/patrol/patrolFindings.ts';
import type { PatrolMemory, Pulses } from '../domain/patrol/pulse.ts';

export interface WitnessRigPort {
  /** What beads, tests and gates have left in a rig's folder and repository. Changes nothing. */
  surveyRig(request: { readonly rig: string }): Promise<RigFacts>;
  /** Clears what is dead, each thing after one more look at it and its owner; tells what it did, a line each. */
  repairRig(request: RepairRig): Promise<readonly string[]>;
}

export interface RepairRig {
  readonly rig: string;
  readonly repairs: readonly Repair[];
}

export interface WitnessTownPort {
  /** Who owns these beads' things, and what gives a sign of life. */
  surveyWork(request: SurveyWork): Promise<WorkFacts>;
}

export interface SurveyWork {
  readonly rig: string;
  /** CONVOY/EPIC/BEAD. */
  readonly beads: readonly string[];
  /** Hosts that this patrol looks after. */
  readonly hosts: readonly string[];
}

export interface WorkFacts {
  readonly owners: Readonly<Record<string, Owner>>;
  readonly pulses: Pulses;
  /** What the last patrol remembered. */
  readonly before: PatrolMemory;
}

/** A local activity: the history holds the decision, so that a better rule replays old ones. */
export interface WitnessRulePort {
  choosePatrol(
    facts: PatrolFacts,
    bounds: PatrolBounds,
    before: PatrolMemory,
    now: number,
  ): Promise<PatrolPlan>;
}
