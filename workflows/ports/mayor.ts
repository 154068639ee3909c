/** What planning asks of the outside world: reading the rig (queue `rig.<rig>.<place>`), asking a mayor elsewhere (queue `town`). */

import type { Proposal } from '../domain/bead/proposal.ts';
import type { ConvoyInput, ConvoySettings } from '../domain/convoy.ts';
import type { Usage } from '../domain/host/model.ts';
import type { Note } from '../domain/mail/message.ts';
import type { MayorSettings } from '../domain/plan/mayor.ts';
import type { PlanDraft, Shown } from '../domain/plan/planning.ts';
import type { ReplanInput } from '../domain/plan/replan.ts';
import type { ComposedPrompt } from './rig.ts';

export interface PlanRigPort {
  /** Writes the mayor's prompt as a blob: what the rig looks like, as far as its `cloud` allows, and the epic. */
  composePlanPrompt(request: ComposePlanPrompt): Promise<ComposedPlanPrompt>;
  /** Makes a plan of a reply, saves it, or says precisely what is wrong with it. */
  readPlan(request: ReadPlan): Promise<PlanReading>;
  /** The same for a plan that a person edited. */
  checkPlan(request: CheckPlan): Promise<PlanReading>;
  /** Writes what the mayor is asked for a bead that is blocked, as prose like an epic's, as far as the rig's `cloud` allows. */
  composeReplan(request: ComposeReplan): Promise<{ readonly epicRef: string }>;
  /** The beads of a checked plan as proposals. */
  readProposals(request: PlanOf & { readonly planRef: string }): Promise<readonly Proposal[]>;
  /** The input of the convoy that a checked plan becomes. */
  compilePlan(request: CompilePlan): Promise<ConvoyInput>;
}

export interface PlannerElsewherePort {
  /** One call of the mayor that the town's configuration names outside of its own hosts. */
  askPlanner(request: AskPlanner): Promise<PlannerReply>;
}

export interface PlanOf {
  readonly convoy: string;
  readonly rig: string;
}

export interface ComposePlanPrompt extends PlanOf {
  readonly title: string;
  readonly epicRef: string;
  readonly mayor: MayorSettings;
  /** What the mayor is to be told. */
  readonly notes?: readonly Note[];
}

export interface ComposedPlanPrompt extends ComposedPrompt {
  readonly shown: Shown;
  /** Most tokens of the reply. */
  readonly replyTokens: number;
}

export interface ReadPlan extends PlanOf {
  readonly title: string;
  /** The commit that the prompt showed. */
  readonly commit: string;
  readonly mayor: MayorSettings;
  readonly promptRef: string;
  readonly replyRef: string;
  readonly finish: 'stop' | 'length';
  /** It is for one bead: the file of the convoy's own plan stays as it is. */
  readonly unsaved?: true;
}

export type ComposeReplan = PlanOf & Omit<ReplanInput, 'settings'>;

export interface CheckPlan extends PlanOf {
  readonly commit: string;
  readonly planRef: string;
}

export type PlanReading =
  | { readonly outcome: 'plan'; readonly draft: PlanDraft }
  | {
      readonly outcome: 'refused';
      /** One line each, for people. */
      readonly faults: readonly string[];
      /** The prompt that asks for a repair; only of a reply. */
      readonly repair: ComposedPrompt | undefined;
    };

export interface CompilePlan extends PlanOf {
  readonly planRef: string;
  readonly settings: ConvoySettings;
}

export interface AskPlanner extends PlanOf, ComposedPrompt {
  readonly turn: number;
}

export interface PlannerReply {
  readonly replyRef: string;
  readonly finish: 'stop' | 'length';
  readonly usage: Usage;
}

/** Heartbeat details, and second detail of a failed call: what it has cost so far (G7). */
export interface PlannerProgress {
  readonly usage: Usage;
  /** When the provider wants to be asked again, if it says so. */
  readonly retryAfterMs?: number;
}
