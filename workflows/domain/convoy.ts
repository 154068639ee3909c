import type { BeadSpec, Caps } from './bead.ts';
import type { Usage } from './model.ts';
import type { Pace } from './pace.ts';

/** What a person launches: one or more epics over one or more rigs. The input of the workflow `convoy`. */
export interface ConvoyInput {
  readonly convoy: string;
  readonly title: string;
  /** sha256 of the plan as read; another plan under the same convoy name is refused. */
  readonly planHash: string;
  readonly epics: readonly EpicPlan[];
  readonly settings: ConvoySettings;
}

export interface EpicPlan {
  readonly id: string;
  readonly title: string;
  readonly rig: string;
  /** Epics of the same convoy that must have landed wholly before this one starts. */
  readonly needs: readonly string[];
  readonly beads: readonly BeadSpec[];
}

/** One rung of the ladder of models that a bead may climb: another one after `attempts` on this one. */
export interface ModelStep {
  readonly model: string;
  readonly callTimeoutMs: number;
}

/** How beads start: as soon as their own needs have landed, or wave after wave. */
export type Pacing = 'ready' | 'waves';

/** What the configuration says at launch, pinned for the convoy's whole life. */
export interface ConvoySettings {
  readonly place: string;
  /** Model ladders by tier; `default` is used by beads without a tier. */
  readonly ladders: Readonly<Record<string, readonly ModelStep[]>>;
  readonly caps: Caps;
  readonly maxParallel: number;
  readonly pacing: Pacing;
  readonly spawnDelayMs: number;
  /** Tokens this convoy may spend; undefined means no limit of its own. */
  readonly tokens: number | undefined;
  /** Whether the town's daily budget has to be asked. */
  readonly dailyBudget: boolean;
  /** Whether the `Gt…` search attributes are registered. */
  readonly searchAttributes: boolean;
  readonly pace: Pace;
}

export interface ConvoyResult {
  readonly convoy: string;
  readonly landed: number;
  readonly blocked: number;
  readonly cancelled: number;
  readonly held: number;
  readonly usage: Usage;
  readonly ms: number;
}
