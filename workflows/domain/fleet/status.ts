/** What people see of the fleet, and what they may ask of it. */
import type { FleetPlan } from './fleet.ts';
import type { HostReport } from './hostReport.ts';
import type { Steering } from './known.ts';
import type { RememberedSwap, StandingOrder } from './orders.ts';

/** The work for one model, over all hosts. */
export interface ModelDemand {
  readonly model: string;
  readonly ready: number;
  readonly running: number;
  /** Between two calls, or behind something that has not ended. */
  readonly coming: number;
  /** How long the first ready call has waited, ms. */
  readonly waitedMs: number;
}

export interface FleetHostStatus {
  readonly report: HostReport;
  /** Nobody holds its lease, as far as the fleet knows. */
  readonly lost: boolean;
  readonly steering: Steering;
  /** What it was told to hold; undefined: it goes by its own rule. */
  readonly told: readonly string[] | undefined;
  /** Why it was told so: the decision that put its order in force; undefined also in answers of older fleets. */
  readonly order?: StandingOrder | undefined;
}

export interface FleetStatus {
  readonly hosts: readonly FleetHostStatus[];
  readonly plan: FleetPlan | undefined;
  readonly demand: readonly ModelDemand[];
  /** The last changes of residency, newest last. */
  readonly swaps: readonly RememberedSwap[];
  /** Beads that epics have told of. */
  readonly beads: number;
}

/** The Overseer's word for one host. */
export interface Steer {
  readonly host: string;
  /**
   * `pin`: these models stay loaded. `drain`: it takes no new work. `load`: these models now, for a while. `unpin` and
   * `undrain`: the fleet decides again.
   */
  readonly to: 'pin' | 'unpin' | 'drain' | 'undrain' | 'load';
  readonly models?: readonly string[];
}
