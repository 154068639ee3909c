/**
 * Every signal, query and update: the town's public API. All can be sent with the plain `temporal` CLI and JSON.
 * Signals are facts and requests without an answer, updates are for callers that need a yes or no, queries read state.
 */

import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BeadLanded, BeadSpec, Caps, Spent } from './domain/bead/bead.ts';
import type { Told } from './domain/bead/told.ts';
import type { KnownBudget } from './domain/budget/allowance.ts';
import type { Limits, Until } from './domain/convoy.ts';
import type { Failure } from './domain/failure.ts';
import type { EpicReport } from './domain/fleet/beadReport.ts';
import type { HostReport } from './domain/fleet/hostReport.ts';
import type { FleetStatus, Steer } from './domain/fleet/status.ts';
import type { Usage } from './domain/host/model.ts';
import type { HostObservation } from './domain/host/residency.ts';
import type { Announcement, WantedOccasion } from './domain/mail/announcement.ts';
import type { Letter } from './domain/mail/mailbox.ts';
import type { Message, Note } from './domain/mail/message.ts';
import type { Reminding } from './domain/mail/reminder.ts';
import type { Severity } from './domain/mail/severity.ts';
import type { Finding } from './domain/patrol/patrolFindings.ts';
import type { PlanDraft, PlanStatus } from './domain/plan/planning.ts';
import type { DirectRequest, DirectStatus } from './domain/queue/direct.ts';
import type { OwnBranchStatus } from './domain/queue/ownBranch.ts';
import type { Submission, SubmissionId, Verdict } from './domain/queue/submission.ts';
import type { Rank } from './domain/refinery/book/rank.ts';
import type {
  BeadStatus,
  ConvoyStatus,
  EpicStatus,
  HostStatus,
  RefineryStatus,
  TownStatus,
} from './domain/report/report.ts';

// ---- to a bead, an epic or a convoy ----

export interface Handoff {
  readonly reason: string;
  /** Go on with this model; the present one when left out. */
  readonly model?: string;
}
/** Finish the step, write a note, go on with a fresh conversation. */
export const handoff = defineSignal<[Handoff]>('handoff');

/** A word for the polecat, told in its next prompt: each id once, however often it is sent. */
export const nudge = defineSignal<[Told]>('nudge');

export interface Shutdown {
  readonly reason: string;
  /** `drain` finishes the turn, `now` aborts the call. Both keep the work and park. */
  readonly mode: 'drain' | 'now';
  /** Convoy → epic: say `epicParked` when nothing is at work any more. */
  readonly tellWhenParked?: boolean;
  /** To a convoy: only its epics on this rig; those of them that have not begun do not begin. */
  readonly rig?: string;
}
/** Stop working and park, at whatever moment this arrives. */
export const shutdown = defineSignal<[Shutdown]>('shutdown');

/** Raises caps; each number is added to what there was. */
export type Raise = Partial<Caps>;

/** Goes on with a parked bead, a paused epic or a paused convoy; of a convoy, only with what was stopped of `rig` when that is named. */
export const resume = defineUpdate<string, [{ readonly raise?: Raise; readonly rig?: string }]>('resume');
/** Starts nothing new; what runs goes on. `below`, for a merge queue alone: only for what has a lower priority. */
export const pause = defineUpdate<string, [{ readonly reason: string; readonly below?: number }]>('pause');
export const setMaxParallel = defineUpdate<number, [number]>('setMaxParallel');
/** Adds beads to a running epic; they may need old ones and each other. */
export const addBeads = defineUpdate<readonly string[], [readonly BeadSpec[]]>('addBeads');
/** Takes proposals of beads off an epic's board, by id; an accepted one is added with `addBeads`. */
export const dismissProposals = defineUpdate<readonly string[], [readonly string[]]>('dismissProposals');
/** Starts a blocked or cancelled bead again, or resumes a parked one, when a slot is free. */
export const retryBead = defineUpdate<string, [{ readonly bead: string; readonly raise?: Raise }]>(
  'retryBead',
);
/** Adds tokens to the budget of a convoy, or of the day when sent to the town; returns the new budget. */
export const raiseBudget = defineUpdate<number, [number]>('raiseBudget');

/** The same in money, in millionths of the town's currency. */
export const raiseMoney = defineUpdate<number, [number]>('raiseMoney');

/** To a convoy: adds to what one of its epics may spend of it; answers with the new limits. */
export const raiseEpic = defineUpdate<Limits, [{ readonly epic: string } & Limits]>('raiseEpic');

/** To a convoy: when it is to finish what it does and park; without `until`: when all is done. */
export const setUntil = defineUpdate<string, [{ readonly until?: Until }]>('setUntil');

export const beadStatus = defineQuery<BeadStatus>('beadStatus');
export const epicStatus = defineQuery<EpicStatus>('epicStatus');
export const convoyStatus = defineQuery<ConvoyStatus>('convoyStatus');

// ---- to a plan that waits for approval ----

/** Launches the plan, or the edited one that is given by its blob; answers when the convoy has started. */
export const approvePlan = defineUpdate<ApprovedPlan, [{ readonly edited?: string }]>('approvePlan');
export interface ApprovedPlan {
  readonly convoy: string;
  readonly planHash: string;
  readonly beads: number;
  /** When it finishes what it does and parks, as the clock is now. */
  readonly until?: Until;
}
/** Puts an edited plan (its blob) in the place of the one that waits. */
export const revisePlan = defineUpdate<PlanDraft, [{ readonly edited: string }]>('revisePlan');
export const rejectPlan = defineUpdate<string, [{ readonly reason: string }]>('rejectPlan');
export const planStatus = defineQuery<PlanStatus>('planStatus');

// ---- between the town's workflows ----

/** Bead → epic: the change is on the target; dependents may start, although clean-up goes on. */
export const landed = defineSignal<[BeadLanded]>('landed');
/** Bead → epic: parked and holding no slot, at work again, or about to end as cancelled; and what it has spent so far. */
export const beadMoved = defineSignal<[BeadMoved]>('beadMoved');
export interface BeadMoved {
  readonly bead: string;
  readonly state: 'parked' | 'working' | 'cancelled';
  readonly spent?: Spent;
}
/** Epic → convoy: a stop that asked for it has been carried out. */
export const epicParked = defineSignal<[{ readonly epic: string }]>('epicParked');
/** Epic → convoy and convoy → town: tokens wanted, by name of the one that asks. */
export const askAllowance = defineSignal<[AskAllowance]>('askAllowance');
export interface AskAllowance {
  /** Names this question: told twice, it gets the same answer and is granted once (G5). */
  readonly id?: string;
  readonly from: string;
  readonly workflowId: string;
  readonly tokens: number | undefined;
  readonly names: number;
  /** So many would do if there are not as many as wanted, and nobody is at work who could leave some. */
  readonly least?: number;
  /** Money wanted with them, in millionths: both are granted, or neither. Undefined where money is without limit. */
  readonly money?: number;
  readonly leastMoney?: number;
}
/** The answer. `tokens` undefined means without limit, 0 means none left for now. */
export const allowance = defineSignal<[Allowance]>('allowance');
export interface Allowance {
  readonly tokens: number | undefined;
  /** In millionths, where it was asked for. */
  readonly money?: number;
  readonly names: readonly string[];
  /** When to ask again if nothing was granted, epoch ms. */
  readonly askAgainAt: number | undefined;
  /** The calendar day that this is granted of, when the day is limited. */
  readonly day?: string;
  /** The question that this answers. */
  readonly askId?: string;
  /** It is all that there is, and enough to begin with. */
  readonly rest?: true;
  /** With a refusal by the convoy's own budget, or by the epic's part of it: what that is, and what of it is left. */
  readonly budget?: KnownBudget;
  /** With a refusal: it is money that is lacking. */
  readonly lacks?: 'money';
  /** Not an answer: there is more to grant now, so who was refused may ask again. */
  readonly askAgain?: true;
}
/** Epic → convoy, before it ends as cancelled: a cancellation carries no books (G7). */
export const epicSpent = defineSignal<[{ readonly epic: string; readonly usage: Usage }]>('epicSpent');
/** Convoy → town: tokens, and money, of a day's budget that were granted and not spent. */
export const returnAllowance =
  defineSignal<
    [{ readonly from: string; readonly tokens: number; readonly day: string; readonly money?: number }]
  >('returnAllowance');
/**
 * Now and then, where a budget waits for it. Epic → convoy: what it has spent in all. Convoy → town: what it has spent since it
 * said so last. It is for warnings alone: budgets are kept by what is granted and returned.
 */
export const spending =
  defineSignal<[{ readonly from: string; readonly tokens: number; readonly money: number }]>('spending');

/** Anybody → town: something for the Overseer. */
export const mail = defineSignal<[Mail]>('mail');
export interface Mail {
  readonly about: string;
  readonly failure: Failure;
  /** The letter is over when this convoy is launched again; when left out, the first part of `about`. */
  readonly convoy?: string;
  /** How much it presses; when left out, its failure tells. */
  readonly severity?: Severity;
}
/** Anybody → town: what a letter was about is done, so the letter goes. */
export const settled = defineSignal<[{ readonly about: string }]>('settled');
/** The Overseer has seen these letters, by id; answers with them. */
export const clearMail = defineUpdate<readonly Letter[], [readonly number[]]>('clearMail');
/** The Overseer has taken note of these letters: they stay, and nobody is reminded of them; answers with them. */
export const acknowledgeMail = defineUpdate<readonly Letter[], [readonly number[]]>('acknowledgeMail');
/** Anybody → town: a message to the Overseer, the mayor or a rig's crew; answers with its letter. */
export const sendMessage = defineUpdate<Letter, [SentMessage]>('sendMessage');
export interface SentMessage extends Message {
  /** Tell the Overseer outside the town, too; left out: only what is warning or critical. */
  readonly notify?: boolean;
}
/** A planner → town: what the mayor is to be told for a rig. Told to no other planner, and again to the same one. */
export const takeNotes = defineUpdate<readonly Note[], [{ readonly by: string; readonly rig: string }]>(
  'takeNotes',
);
/** A planner → town: it made no plan, so what it took is told to the next. */
export const notesBack = defineSignal<[{ readonly by: string }]>('notesBack');
/** Anybody → town: to be told to a person outside the town, where the configuration says how. */
export const announce = defineSignal<[Announcement]>('announce');
/** Anybody → town: what the configuration says now; sent whenever the town is opened. */
export interface TownSettings {
  readonly timeZone: string;
  readonly tokensPerDay: number | undefined;
  /** In millionths; without limit when left out. */
  readonly moneyPerDay?: number;
  /** What money is counted in. */
  readonly currency?: string;
  /** What a person wants to be told outside the town; nothing when left out. */
  readonly notify?: readonly WantedOccasion[];
  /** When the person is told again of a letter; never when left out. */
  readonly remind?: Reminding;
}
export const townSettings = defineSignal<[TownSettings]>('townSettings');
export const townStatus = defineQuery<TownStatus>('townStatus');

/** To a patrol of the Witness, while it goes and later: what it found odd and did not touch. */
export const patrolFindings = defineQuery<readonly Finding[]>('patrolFindings');

// ---- the Refinery ----

export const submit = defineSignal<[Submission]>('submit');
export const withdraw = defineSignal<[SubmissionId & { readonly workflowId: string }]>('withdraw');
/** Refinery → bead. */
export const verdict = defineSignal<[Verdict]>('verdict');
/** Refinery: whether it knows a submission. */
export const standing = defineQuery<'queued' | 'settled' | 'unknown', [SubmissionId]>('standing');
/** A person → their submission: look at the branch again and submit what it is now. */
export const submitAgain = defineSignal('submitAgain');
export const submissionStatus = defineQuery<OwnBranchStatus>('submissionStatus');
/** A person → their direct landing: do this now, in the place of what was asked for before. */
export const landAgain = defineSignal<[DirectRequest]>('landAgain');
export const directStatus = defineQuery<DirectStatus>('directStatus');
/** A person → refinery: a priority for what waits, or that it is a hotfix; the answer says what that means. */
export const rank = defineUpdate<string, [Rank]>('rank');
export const refineryStatus = defineQuery<RefineryStatus>('refineryStatus');

// ---- hosts ----

/** The lease's report of what it sees, sent when it changes. */
export const hostObserved = defineSignal<[HostObservation]>('hostObserved');
export const hostStatus = defineQuery<HostStatus>('hostStatus');

// ---- the fleet ----

/** The lease of a host → fleet: how the host stands, sent when that changes. */
export const hostReport = defineSignal<[HostReport]>('hostReport');
/** Epic → fleet: the work with models that its beads still stand for, as far as it changed. */
export const stages = defineSignal<[EpicReport]>('stages');
/** Anybody → epic: tell the fleet of all beads again. */
export const tellStages = defineSignal('tellStages');
/** The Overseer's word for a host: pin, drain, load now, or let the fleet decide again. */
export const steer = defineUpdate<string, [Steer]>('steer');
export const fleetStatus = defineQuery<FleetStatus>('fleetStatus');
