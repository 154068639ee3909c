/** How an epic in prose becomes a plan: what a draft is, and what the mayor may be shown. */
import { counted } from '../amounts.ts';
import { moneyText } from '../budget/money.ts';
import type { ConvoySettings, Until } from '../convoy.ts';
import type { Failure } from '../failure.ts';
import type { Usage } from '../host/model.ts';
import type { BeadRef } from '../naming.ts';
import type { RigSettings } from '../rig.ts';
import { oneLine } from '../text.ts';
import type { MayorSettings } from './mayor.ts';
import type { PlanFinding } from './planLint.ts';

/** The input of the workflow `plan`. */
export interface PlanInput {
  /** Names the plan, and the convoy that it becomes. */
  readonly convoy: string;
  readonly title: string;
  readonly rig: string;
  /** Blob of the prose. */
  readonly epicRef: string;
  /** Name of the file that it was read from, for people. */
  readonly epicFile: string;
  readonly mayor: MayorSettings;
  /** Launch without asking a person, unless the plan raises an alarm. */
  readonly approved: boolean;
  /** Where its calls stand in the transcripts; under the convoy's plan when left out. */
  readonly calls?: BeadRef;
  /** CONVOY/EPIC/BEAD that it is to go on instead of; a plan of its own when left out. */
  readonly replans?: string;
  /** What the convoy will run with, pinned at launch. */
  readonly settings: ConvoySettings;
}

export type PlanState = 'drafting' | 'waiting' | 'launched' | 'rejected' | 'failed';

/** A draft that passed all checks. */
export interface PlanDraft {
  /** Blob of the plan in YAML. */
  readonly planRef: string;
  readonly planHash: string;
  readonly title: string;
  readonly beads: number;
  readonly findings: readonly PlanFinding[];
}

/** What of the repository went to the mayor. */
export interface Shown {
  readonly commit: string;
  /** `outline`: paths, names and headings. `files`: texts too. */
  readonly what: 'outline' | 'files';
  readonly paths: number;
  readonly outlined: number;
  /** Files shown in full. */
  readonly whole: readonly string[];
}

export interface PlanStatus {
  readonly convoy: string;
  readonly title: string;
  readonly rig: string;
  readonly epicFile: string;
  readonly epicRef: string;
  readonly state: PlanState;
  /** What is being done while it is drafted. */
  readonly step: 'reading' | 'asking' | 'checking' | undefined;
  readonly mayor: string;
  /** Whether the mayor is outside the town's own hosts. */
  readonly cloud: boolean;
  readonly turns: number;
  readonly usage: Usage;
  readonly shown: Shown | undefined;
  readonly draft: PlanDraft | undefined;
  /** What the first reply was sent back for. */
  readonly repaired: readonly string[];
  /** Why no answer comes yet. */
  readonly waiting: Failure | undefined;
  readonly failure: Failure | undefined;
  /** Why a person rejected it. */
  readonly reason: string | undefined;
  readonly bornAt: number;
  /** What money is counted in. */
  readonly currency?: string;
  /** The convoy is to run until this time of the day; the next one when it has been by the approval. */
  readonly until?: Until;
}

export interface PlanResult {
  readonly convoy: string;
  readonly state: 'launched' | 'rejected';
  readonly planHash: string | undefined;
  readonly usage: Usage;
}

/** One reply and one repair: a planner that fails twice is asked by a person, not by a loop. */
export const mostPlanTurns = 2;

/** How people know the mayor. */
export const mayorName = (mayor: MayorSettings): string => mayor.model;

/** What of a rig this mayor may see; undefined means nothing. A model of the town's own hosts may see all. */
export const mayShow = (
  mayor: Pick<MayorSettings, 'kind'>,
  cloud: RigSettings['cloud'],
): Shown['what'] | undefined => {
  if (mayor.kind === 'own' || cloud === 'all') return 'files';
  return cloud === 'plan' ? 'outline' : undefined;
};

/** A mayor elsewhere, and a rig whose text must stay. */
export const cloudForbidden = (rig: string, mayor: MayorSettings): Failure => ({
  type: 'CloudForbidden',
  what: `Nothing of rig ${rig} may leave your machines, and the mayor ${mayorName(mayor)} is outside of them.`,
  evidence: `rigs.${rig}.cloud is never; roles.mayor is a model of ${mayor.kind === 'cloud' ? mayor.provider : 'your own'}. Nothing was read or sent.`,
  next: `Set rigs.${rig}.cloud to plan (paths, names and headings leave) or all (files too) in gastown.yaml, or make a model of your own hosts the mayor; then run gt down and gt up.`,
});

/** Under which name the planner's calls are in the transcripts: `gt bead log <convoy>/plan/mayor`. */
export const planCalls = (convoy: string): BeadRef => ({ convoy, epic: 'plan', bead: 'mayor' });

/** A plan that raises an alarm is looked at by a person, whatever was said before (G9). */
export const mayLaunchUnasked = (approved: boolean, findings: readonly PlanFinding[]): boolean =>
  approved && !findings.some(({ level }) => level === 'alarm');

/** What a person is told of a plan that waits for them. Nothing of it is the mayor's text (G9). */
export const planWaits = ({ convoy, epicFile, rig }: PlanInput, draft: PlanDraft): Failure => {
  const alarms = draft.findings.filter(({ level }) => level === 'alarm').length;
  return {
    type: 'PlanWaits',
    what: `The mayor has made a plan of ${oneLine(epicFile, 200)} for rig ${rig}, and it waits for you: ${counted(draft.beads, 'bead')}.`,
    evidence:
      alarms === 0 ? '' : `${counted(alarms, 'alarm')}: its text looks as if it had orders for somebody.`,
    next: `Read it with: gt plan show ${convoy}; then gt plan approve ${convoy}, gt plan edit ${convoy} or gt plan reject ${convoy}.`,
  };
};

/** Why one more call would pass what the convoy may spend; undefined when it may be made (G7). */
export const overBudget = (
  convoy: string,
  limit: number | undefined,
  spent: number,
  estimate: number,
): Failure | undefined => {
  if (limit === undefined || spent + estimate < limit) return;
  return {
    type: 'BudgetExhausted',
    what: `Planning convoy ${convoy} would take more tokens than the whole convoy may spend.`,
    evidence: `limit ${limit}, spent on planning ${spent}, the next call needs about ${estimate}`,
    next: 'Launch it with more --tokens, raise limits.tokensPerConvoy in gastown.yaml, or write a shorter epic.',
  };
};

/** The same in money, in millionths; `cost`: what the call may cost at most. */
export const overMoney = (
  convoy: string,
  { money: limit, currency }: Pick<ConvoySettings, 'money' | 'currency'>,
  spent: number,
  cost: number,
): Failure | undefined => {
  if (limit === undefined || cost === 0 || spent + cost < limit) return;
  const said = (amount: number): string => moneyText(amount, currency);
  return {
    type: 'BudgetExhausted',
    what: `Planning convoy ${convoy} might cost more money than the whole convoy may.`,
    evidence: `limit ${said(limit)}, spent on planning ${said(spent)}, the next call may cost ${said(cost)}`,
    next: 'Launch it with more --money, raise limits.moneyPerConvoy in gastown.yaml, or write a shorter epic.',
  };
};
