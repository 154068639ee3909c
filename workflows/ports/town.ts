/** The port of the queue `town`: what needs only the server. */

import type { BeadLanded } from '../domain/bead/bead.ts';
import type { ModelStep } from '../domain/convoy.ts';
import type { Failure } from '../domain/failure.ts';
import type { RouteModel } from '../domain/fleet/route.ts';
import type { Announcement } from '../domain/mail/announcement.ts';
import type { Note } from '../domain/mail/message.ts';
import type { Submission, SubmissionId } from '../domain/queue/submission.ts';
import type { StandingPort } from './direct.ts';
import type { RefineryTarget } from './refinery.ts';

export interface TownPort extends NotifyPort, StandingPort {
  /** Signals the Refinery, starting it when needed. */
  submit(request: RefineryTarget & { readonly submission: Submission }): Promise<void>;
  withdraw(
    request: RefineryTarget & { readonly submission: SubmissionId & { readonly workflowId?: string } },
  ): Promise<void>;
  /** Whether the Refinery knows a submission; costs its history nothing. */
  standing(
    request: RefineryTarget & { readonly submission: SubmissionId },
  ): Promise<'queued' | 'settled' | 'unknown'>;
  /** How a bead's workflow stands. */
  beadOutcome(workflowId: string): Promise<BeadOutcome>;
  /** Waits for the end of a bead that somebody else started. */
  awaitBead(workflowId: string): Promise<BeadOutcome>;
  /** Waits until no run with this id is open, however it ends. */
  awaitEnd(workflowId: string): Promise<void>;
  /** Sends an update, which workflows cannot do themselves. A refusal (it is so already) counts as done. */
  update(request: UpdateRequest): Promise<void>;
  /** Why calls of a model wait: undefined when a host has it open. */
  modelOutlook(model: string): Promise<ModelOutlook>;
  /** The ladder of a bead: first whichever of these is resident and smallest. */
  routeBead(candidates: readonly RouteModel[]): Promise<readonly ModelStep[]>;
  /** Has every open epic tell the fleet of all its beads again. */
  askStages(): Promise<void>;
  /** What the mayor is to be told for a rig; nothing where there is no town. */
  takeNotes(request: TakeNotes): Promise<readonly Note[]>;
  /** Asks the town for tokens and polecat names, starting it when needed; the answer is the signal `allowance`. */
  askTown(request: AskTown): Promise<void>;
}

export interface UpdateRequest {
  readonly workflowId: string;
  readonly name: 'pause' | 'resume' | 'retryBead';
  readonly argument: object;
}

export type BeadOutcome =
  | { readonly state: 'landed'; readonly result: BeadLanded }
  | { readonly state: 'running' }
  | { readonly state: 'ended'; readonly failure: Failure | undefined };

export interface ModelOutlook {
  readonly open: readonly string[];
  /** The hosts that could serve it but do not, each with the reason. */
  readonly closed: readonly {
    readonly host: string;
    readonly failure: Failure;
    readonly terminal: boolean;
    /** Its quiet hours end then, epoch ms. */
    readonly until?: number;
  }[];
}

/** `by` names who takes them: the same one is told the same again. */
export interface TakeNotes {
  readonly by: string;
  readonly rig: string;
}

export interface AskTown {
  /** Names the question, so that a repeat of this call asks nothing new. */
  readonly id: string;
  readonly convoy: string;
  /** Tokens wanted; undefined asks for names only. */
  readonly tokens: number | undefined;
  readonly names: number;
  /** So many tokens would do where no day has as many as wanted. */
  readonly least?: number;
  /** Money wanted with them, in millionths. */
  readonly money?: number;
  readonly leastMoney?: number;
  /** Who asks and gets the answer, when it is not the convoy itself. */
  readonly workflowId?: string;
}

export interface NotifyPort {
  /**
   * Tells a person by the configured command and webhook, with the report of the convoy. Each of the two hears of one
   * announcement once, however often this is repeated; of a try whose end nobody saw, maybe twice.
   */
  notify(request: Omit<Announcement, 'dueAt'>): Promise<void>;
}
