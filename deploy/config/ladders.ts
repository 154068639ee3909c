import type { ModelStep } from '../../workflows/domain/convoy.ts';
import type { ConfigFile } from './schema.ts';

/** The model ladders of polecats by tier: those of `roles.polecat`, else the models of each tier in the file's order. */
export const ladders = (written: ConfigFile): Record<string, readonly ModelStep[]> => {
  const steps = (keys: readonly string[]): ModelStep[] =>
    keys.map((model) => ({ model, callTimeoutMs: written.models[model]?.callTimeout ?? 0 }));

  const byTier: Record<string, readonly ModelStep[]> = { default: steps(Object.keys(written.models)) };
  for (const tier of new Set(Object.values(written.models).map((model) => model.tier))) {
    byTier[tier] = steps(keysOfTier(written, tier));
  }

  const { polecat } = written.roles;
  if (polecat === undefined) return byTier;
  if (typeof polecat === 'string') return { ...byTier, default: steps([polecat]) };
  if (Array.isArray(polecat)) return { ...byTier, default: steps(polecat) };
  for (const [tier, keys] of Object.entries(polecat)) {
    byTier[tier] = steps(typeof keys === 'string' ? [keys] : keys);
  }
  return byTier;
};

const keysOfTier = ({ models }: ConfigFile, tier: string): string[] =>
  Object.keys(models).filter((key) => models[key]?.tier === tier);
