import type { BeadSpec } from '../../workflows/domain/bead/bead.ts';
import { stepOf } from '../../workflows/domain/budget/budgetUse.ts';
import type { ConvoyInput, ConvoySettings, Limits, Until } from '../../workflows/domain/convoy.ts';
import { home } from '../../workflows/domain/naming.ts';
import { defaultPace, type Pace } from '../../workflows/domain/pace.ts';
import { forecastOf } from '../../workflows/domain/plan/forecast.ts';
import { type TownConfig, tellsPerson } from '../config/townConfig.ts';
import { beadHistory } from '../report/transcripts.ts';
import { planHash } from './load.ts';
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
    tier: bead.tier,
    gates: bead.gates,
    approvedFiles: bead.approvedFiles,
    ...(bead.output === undefined ? {} : { output: bead.output, sections: bead.sections ?? [] }),
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
    ...(config.mayor === undefined ? {} : { mayor: config.mayor }),
    pace: options.pace ?? defaultPace,
  };
};
