import type { Failure } from '../domain/failure.ts';
import { addUsage, noUsage, type Usage } from '../domain/host/model.ts';
import {
  mayorName,
  type PlanDraft,
  type PlanInput,
  type PlanStatus,
  type Shown,
} from '../domain/plan/planning.ts';

/** Everything a plan knows while it is made and while it waits. */
export interface PlanDesk {
  readonly input: PlanInput;
  readonly bornAt: number;
  state: PlanStatus['state'];
  step: PlanStatus['step'];
  turns: number;
  usage: Usage;
  shown: Shown | undefined;
  /** Most tokens of one reply. */
  replyTokens: number;
  draft: PlanDraft | undefined;
  repaired: readonly string[];
  waiting: Failure | undefined;
  failure: Failure | undefined;
  reason: string | undefined;
  /** An approval or a change is being carried out. */
  busy: boolean;
}

export const newPlanDesk = (input: PlanInput): PlanDesk => ({
  input,
  bornAt: Date.now(),
  state: 'drafting',
  step: 'reading',
  turns: 0,
  usage: noUsage,
  shown: undefined,
  replyTokens: 0,
  draft: undefined,
  repaired: [],
  waiting: undefined,
  failure: undefined,
  reason: undefined,
  busy: false,
});

/** G7: lost and failed calls too. */
export const spend = (desk: PlanDesk, usage: Usage): void => {
  desk.usage = addUsage(desk.usage, usage);
};

export const statusOf = (desk: PlanDesk): PlanStatus => {
  const { convoy, title, rig, epicFile, epicRef, mayor, settings } = desk.input;
  const { state, step, turns, usage, shown, draft, repaired, waiting, failure, reason, bornAt } = desk;
  return {
    ...{ convoy, title, rig, epicFile, epicRef, state, bornAt },
    step: state === 'drafting' ? step : undefined,
    ...{ mayor: mayorName(mayor), cloud: mayor.kind === 'cloud' },
    ...{ turns, usage, shown, draft, repaired, waiting, failure, reason },
    ...(settings.currency === undefined ? {} : { currency: settings.currency }),
    ...(settings.until === undefined ? {} : { until: settings.until }),
  };
};
