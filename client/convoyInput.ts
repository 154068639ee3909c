import type { TownConfig } from '../deploy/config/index.ts';
import { compilePlan, type Plan } from '../deploy/plan/index.ts';
import { taskBlobs } from '../deploy/town/taskBlobs.ts';
import type { ConvoyInput, Until } from '../workflows/domain/convoy.ts';
import { isSlug, slugForm } from '../workflows/domain/naming.ts';
import type { Pace } from '../workflows/domain/pace.ts';
import { exitCode } from './exitCodes.ts';
import { launchWords } from './launchWords.ts';
import { ClientError } from './trouble.ts';

export interface ConvoyRequest {
  readonly config: TownConfig;
  readonly plan: Plan;
  /** Another name for the convoy than the plan's. */
  readonly convoy?: string | undefined;
  readonly pace?: Pace | undefined;
  readonly maxParallel?: number | undefined;
  readonly tokens?: number | undefined;
  /** In millionths. */
  readonly money?: number | undefined;
  /** When it is to finish what it does and park. */
  readonly until?: Until | undefined;
  /** What to write behind `gt convoy launch` to launch it again, when that is not the file of the plan. */
  readonly launchedWith?: string | undefined;
}

/** The input of the workflow `convoy`, for `launchConvoy` and for the plain `temporal` command line. Tasks become blobs. */
export const convoyInput = async (
  request: ConvoyRequest,
  searchAttributes: boolean,
): Promise<ConvoyInput> => {
  const { plan, config, convoy, pace, maxParallel, tokens, money, until } = request;
  if (convoy !== undefined && !isSlug(convoy)) throw unfit(convoy);
  return await compilePlan(plan, config, {
    putBlob: taskBlobs(config.home).put,
    searchAttributes,
    launchedWith: request.launchedWith ?? launchWords(plan.file, { convoy }),
    ...(convoy === undefined ? {} : { convoy }),
    ...(pace === undefined ? {} : { pace }),
    ...(maxParallel === undefined ? {} : { maxParallel }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(money === undefined ? {} : { money }),
    ...(until === undefined ? {} : { until }),
  });
};

export const unfit = (convoy: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'BadName',
    what: 'This cannot be the name of a convoy.',
    evidence: `--convoy ${JSON.stringify(convoy.slice(0, 80))}`,
    next: `Use ${slugForm}.`,
  });
