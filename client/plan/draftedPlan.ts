import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TownConfig } from '../../deploy/config/index.ts';
import { type Plan, parsePlan } from '../../deploy/plan/index.ts';
import { beadHistory } from '../../deploy/report/transcripts.ts';
import { taskBlobs } from '../../deploy/town/taskBlobs.ts';
import { type Forecast, forecastOf } from '../../workflows/domain/plan/forecast.ts';
import type { PlanStatus } from '../../workflows/domain/plan/planning.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';

/** A plan of the mayor's with its text, for people to decide on. */
export interface DraftedPlan {
  readonly status: PlanStatus;
  /** Undefined while there is none. */
  readonly text: string | undefined;
  readonly plan: Plan | undefined;
  /** By what the beads of this town have taken so far. */
  readonly forecast: Forecast | undefined;
}

/** The text of a plan that was drafted. Throws when the home does not have it. */
export const draftedPlan = async (config: TownConfig, status: PlanStatus): Promise<DraftedPlan> => {
  if (status.draft === undefined) return { status, text: undefined, plan: undefined, forecast: undefined };
  const { planRef } = status.draft;
  // What `gt prune` took away is still there by name.
  const text = (await taskBlobs(config.home).get(planRef)) ?? (await savedPlan(config.home, status.convoy));
  if (text === undefined) throw lost(config.home, planRef);
  const plan = parsePlan(text, `${status.convoy}.yaml`, config);
  const history = await beadHistory(config.home);
  return { status, text, plan, forecast: forecastOf(plan.epics, history, config.limits.maxParallel) };
};

/** A plan as it was saved last; undefined when there is none of that name. */
export const savedPlan = (home: string, convoy: string): Promise<string | undefined> =>
  readFile(join(home, 'plans', `${convoy}.yaml`), 'utf8').catch(() => undefined);

/** Names of the plans that were saved. */
export const savedPlans = async (home: string): Promise<readonly string[]> =>
  (await readdir(join(home, 'plans')).catch(() => []))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length));

const lost = (home: string, ref: string): ClientError =>
  new ClientError(exitCode.failed, {
    type: 'BlobMissing',
    what: 'The text of this plan is not in the town’s home.',
    evidence: `${ref} under ${home}/blobs`,
    next: 'Reject the plan and launch the epic again.',
  });
