import type { BeadSpec } from '../../workflows/domain/bead/bead.ts';
import { stepOf } from '../../workflows/domain/budget/budgetUse.ts';
import type { ConvoyInput, ConvoySettings, Limits, Until } from '../../workflows/domain/convoy.ts';
import { inferTier } from '../../workflows/domain/fleet/tier.ts';
import { home } from '../../workflows/domain/naming.ts';
import { defaultPace, type Pace } from '../../workflows/domain/pace.ts';
import { forecastOf } from '../../workflows/domain/plan/forecast.ts';
import { fleetFacts, needsFleet } from '../config/fleetFacts.ts';
import { type TownConfig, tellsPerson } from '../config/townConfig.ts';
import { beadHistory } from '../report/transcripts.ts';
import { planHash } from './load.ts';
import { ownLadder } from './ownLadder.ts';
import type { Plan, PlannedBead } from './plan.ts';

export interface CompileOptions {
  /** Stores a text and returns its sha256 in hex: `put` of the town's blobs. */
  readonly putBlob: (text: string) => Promise<string>;
  /** Another name for the convoy than the plan's; a slug. */
  readonly convoy?: string | undefined;
  readonly place?: string | undefined;
  readonly pace?: Pace | undefined;
  readonly maxParallel?: number | undefined;
  /** Tokens that this convoy may spend. */
  readonly tokens?: number | undefined;
  /** Money that this convoy may spend, in millionths. */
  readonly money?: number | undefined;
  /** When the convoy is to finish what it does and park. */
  readonly until?: Until | undefined;
  /** What to write behind `gt convoy launch` to launch it again. */
  readonly launchedWith?: string | undefined;
  /** Whether the `Gt…` search attributes are registered. */
  readonly searchAttributes?: boolean | undefined;
}

/** Turns a checked plan into the input of the workflow `convoy`: tasks become blobs, and the configuration is pinned. */
export const compilePlan = async (
  plan: Plan,
  config: TownConfig,
  options: CompileOptions,
): Promise<ConvoyInput> => {
  const beadSpec = async (bead: PlannedBead): Promise<BeadSpec> => ({
    id: bead.id,
    title: bead.title,
    taskRef: await options.putBlob(bead.task),
    needs: bead.needs,
    files: bead.files,
    tier: bead.tier ?? inferredTier(bead, config),
    gates: bead.gates,
    approvedFiles: bead.approvedFiles,
    ...(bead.output === undefined ? {} : { output: bead.output, sections: bead.sections ?? [] }),
    ...needsOf(bead, config),
  });

  const epics = [];
  for (const { id, title, rig, needs, beads, budget } of plan.epics) {
    const specs: BeadSpec[] = [];
    for (const bead of beads) specs.push(await beadSpec(bead));
    epics.push({ id, title, rig, needs, beads: specs, ...(budget === undefined ? {} : { budget }) });
  }

  const settings = convoySettings(
    config,
    options,
    plan.epics.flatMap(({ budget }) => budget ?? []),
  );
  const forecast = forecastOf(epics, await beadHistory(config.home), settings.maxParallel);
  return {
    convoy: options.convoy ?? plan.convoy,
    title: plan.title,
    planHash: planHash(plan),
    epics,
    ...(forecast === undefined ? {} : { forecast }),
    settings,
  };
};

/** Who names no tier gets one where the town knows an order of them and nobody has said who works on such beads. */
const inferredTier = (bead: PlannedBead, { routes, infersTiers }: TownConfig): string | undefined => {
  if (infersTiers === undefined) return;
  const tier = inferTier(bead);
  return routes?.[tier] === undefined ? undefined : tier;
};

/** What a bead asks of models and tries. */
const needsOf = (bead: PlannedBead, config: TownConfig): Partial<BeadSpec> => {
  const ladder = ownLadder(bead, config);
  return {
    ...(ladder === undefined ? {} : { ladder }),
    ...(bead.estimateMs === undefined ? {} : { estimateMs: bead.estimateMs }),
    ...(bead.attempts === undefined ? {} : { attempts: bead.attempts }),
    ...(bead.optional ? { optional: bead.optional } : {}),
  };
};

/** What a convoy launched now runs with, pinned for its whole life. */
export const convoySettings = (
  config: TownConfig,
  options: Omit<CompileOptions, 'putBlob' | 'convoy'>,
  epics: readonly Limits[] = [],
): ConvoySettings => {
  const { limits } = config;
  const tokens = options.tokens ?? limits.tokensPerConvoy;
  const money = options.money ?? limits.moneyPerConvoy;
  const tells = stepOf({
    tokens: [tokens, config.tokensPerDay, ...epics.map((one) => one.tokens)],
    money: [money, config.moneyPerDay, ...epics.map((one) => one.money)],
  });
  return {
    place: options.place ?? home,
    ladders: config.ladders,
    caps: limits.caps,
    craft: config.craft,
    maxParallel: options.maxParallel ?? limits.maxParallel,
    pacing: limits.pacing,
    spawnDelayMs: limits.spawnDelayMs,
    tokens,
    dailyBudget: config.tokensPerDay !== undefined,
    ...(money === undefined ? {} : { money }),
    ...(config.moneyPerDay === undefined ? {} : { dailyMoney: true }),
    currency: config.currency,
    ...(tells === undefined ? {} : { tells }),
    searchAttributes: options.searchAttributes ?? false,
    ...(tellsPerson(config) ? { announces: true } : {}),
    ...(options.until === undefined ? {} : { until: options.until }),
    ...(options.launchedWith === undefined ? {} : { launchedWith: options.launchedWith }),
    ...(config.routes === undefined ? {} : { routes: config.routes }),
    ...fleetOfConvoy(config, options.pace ?? defaultPace),
    ...(config.mayor === undefined ? {} : { mayor: config.mayor }),
    pace: options.pace ?? defaultPace,
  };
};

/** Epics tell the fleet of their work only where there is something to choose: it costs them events. */
const fleetOfConvoy = (
  { fleet, hosts, models }: TownConfig,
  { tellFleetMs = 1_000 }: Pace,
): Pick<ConvoySettings, 'fleet'> =>
  fleet !== undefined && needsFleet(fleetFacts(hosts, models)) ? { fleet: { gatherMs: tellFleetMs } } : {};
