import type { ModelStep } from '../../workflows/domain/convoy.ts';
import { priceOf } from './price.ts';
import { routesOf } from './routes.ts';
import type { ConfigFile } from './schema.ts';

/** The model ladders of polecats by tier: those of `roles.polecat`, else the models of each tier in the file's order. */
export const ladders = (written: ConfigFile): Record<string, readonly ModelStep[]> => {
  const rungs = (keys: readonly string[]): ModelStep[] => steps(written, keys);

  const byTier: Record<string, readonly ModelStep[]> = { default: rungs(Object.keys(written.models)) };
  for (const tier of new Set(Object.values(written.models).map((model) => model.tier))) {
    byTier[tier] = rungs(keysOfTier(written, tier));
  }

  // A tier of the known order is served by the next higher one where it has no model of its own.
  for (const [tier, candidates] of Object.entries(routesOf(written) ?? {}))
    byTier[tier] ??= rungs(candidates.map(({ model }) => model));

  const { polecat } = written.roles;
  if (polecat === undefined) return byTier;
  if (typeof polecat === 'string') return { ...byTier, default: rungs([polecat]) };
  if (Array.isArray(polecat)) return { ...byTier, default: rungs(polecat) };
  for (const [tier, keys] of Object.entries(polecat)) {
    byTier[tier] = rungs(typeof keys === 'string' ? [keys] : keys);
  }
  return byTier;
};

/** Models by key, as workflows call them. */
export const steps = (written: ConfigFile, keys: readonly string[]): ModelStep[] =>
  keys.map((model) => ({
    model,
    callTimeoutMs: written.models[model]?.callTimeout ?? 0,
    ...priceOf(written.models[model]),
  }));

const keysOfTier = ({ models }: ConfigFile, tier: string): string[] =>
  Object.keys(models).filter((key) => models[key]?.tier === tier);
