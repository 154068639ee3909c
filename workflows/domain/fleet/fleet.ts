/** What the fleet knows when it plans, and what it decides. All times are ms; moments are epoch ms. */

/** A model as far as planning needs. */
export interface FleetModel {
  readonly key: string;
  /** Names the weights. Of two models with the same weights the one with the larger context serves calls of both. */
  readonly weights: string;
  readonly context: number;
  /** What it takes of a host's memory, weights and cache; undefined: unknown, so it has a host for itself. */
  readonly bytes: number | undefined;
  readonly loadMs: number;
  readonly unloadMs: number;
}

/** A call that runs on a host. */
export interface RunningCall {
  readonly model: string;
  /** Whose it is: a stage's id; undefined where nobody reported one. */
  readonly stage: string | undefined;
  readonly since: number;
}

/** A host as it was last seen. */
export interface FleetHost {
  readonly host: string;
  /** Calls at once. */
  readonly slots: number;
  /** Bytes for models, without what is kept for others; undefined: unknown, so one model at a time. */
  readonly memory: number | undefined;
  /** Holds all of its models together, by the Overseer's word. */
  readonly coresident: boolean;
  /** Keys of the models that it may hold. */
  readonly serves: readonly string[];
  /** Models whose gates are open. */
  readonly resident: readonly string[];
  /** Since when the residency is what it is. */
  readonly since: number;
  readonly running: readonly RunningCall[];
  /** A change under way: gates are closed, calls may still drain. */
  readonly swap?: { readonly to: readonly string[]; readonly endsAt: number };
  /** Models that a person wants resident; no others are loaded beside them unless they fit. */
  readonly pinned?: readonly string[];
  /** Takes no new work, by a person's word. */
  readonly drained?: boolean;
  /** Down, quiet or silent: it serves nobody. */
  readonly away?: boolean;
  /** Models that it refuses, or that rest after a failure. */
  readonly refused?: readonly string[];
  /** By model: how long its calls take here, as a share of what they take everywhere; unknown: 1. */
  readonly pace?: Readonly<Record<string, number>>;
}

/** A stretch of work of one bead with one model: some calls with pauses (tools, gates) between them. */
export interface Stage {
  readonly id: string;
  readonly model: string;
  /** What kind of work, for estimates: `code`, `review`, … */
  readonly kind: string;
  /** Stages that must end first. Unknown ones count as ended. */
  readonly needs: readonly string[];
  /** Calls still to be made, the present one included; at least 1. */
  readonly calls: number;
  /** Mean length of one of its calls, and of the pause before the next. */
  readonly callMs: number;
  readonly gapMs: number;
  /** How far its calls spread about that mean, as a share of it (standard deviation); unknown: about a third. */
  readonly spread?: number;
  /**
   * `coming`: its needs have not ended. `ready`: a call of it waits since `at`. `running`: a call runs since `at` (on the host
   * that lists it). `gap`: the next call is expected at `at`.
   */
  readonly state: 'coming' | 'ready' | 'running' | 'gap';
  readonly at: number;
}

/** Everything that a plan is made from. */
export interface FleetState {
  readonly now: number;
  readonly models: readonly FleetModel[];
  readonly hosts: readonly FleetHost[];
  readonly stages: readonly Stage[];
}

/** What a host is to hold from now on, and why. */
export interface HostDecision {
  readonly host: string;
  /** Gates of others close, their calls drain, then they are unloaded and these are loaded. */
  readonly want: readonly string[];
  /** One line for people. */
  readonly reason: string;
  /** By how much the work is expected to end sooner than without the change; 0 when nothing changes. */
  readonly gainMs: number;
  /** What else was looked at, best first: the residency, and how much later all would end with it. */
  readonly alternatives: readonly { readonly want: readonly string[]; readonly laterMs: number }[];
}

export interface FleetPlan {
  readonly at: number;
  /** When all known work is expected to end; undefined without work. */
  readonly endsAt: number | undefined;
  /** One for each host that is not away. */
  readonly hosts: readonly HostDecision[];
  /** When to plan again although nothing was reported: a hold or a bound ends then. */
  readonly againAt: number | undefined;
}

export interface FleetSettings {
  /** How long a host waits for work of its model before it swaps, as a share of there and back; default 1. */
  readonly hold: number;
  /** A ready call never waits longer for its model than this and a drain; default 1 h. */
  readonly maxWaitMs: number;
  /** How long a residency lasts at least, once it has served; default 2 min. */
  readonly minResidencyMs: number;
  /** What a swap that the base rule would not make must gain at least; default 6 s. */
  readonly leastGainMs: number;
  /** Whether to look ahead by simulation; without it only the base rule decides. */
  readonly lookAhead: boolean;
}
