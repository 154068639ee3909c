import type { RouteModel } from '../../workflows/domain/fleet/route.ts';
import { knownTiers, tierRank } from '../../workflows/domain/fleet/tier.ts';
import { priceOf } from './price.ts';
import type { ConfigFile } from './schema.ts';

/**
 * The models that may begin a bead, for every tier that the town knows the order of and whose ladder nobody has written: those of
 * the same tier and of higher ones, smallest first. Undefined where there is nothing to choose.
 */
export const routesOf = ({
  models,
  roles,
}: ConfigFile): Readonly<Record<string, readonly RouteModel[]>> | undefined => {
  const { polecat } = roles;
  if (typeof polecat === 'string' || Array.isArray(polecat)) return;
  const ranked = Object.entries(models)
    .flatMap(([key, model]) => {
      const rank = tierRank(model.tier);
      return rank === undefined ? [] : [{ key, model, rank, size: model.memory ?? model.context }];
    })
    .toSorted((a, b) => a.rank - b.rank || a.size - b.size);
  if (ranked.length < 2) return;
  const written = new Set(Object.keys(polecat ?? {}));
  const routes = knownTiers
    .filter((tier) => !written.has(tier))
    .map((tier): [string, readonly RouteModel[]] => [
      tier,
      ranked
        .filter(({ rank }) => rank >= (tierRank(tier) ?? 0))
        .map(({ key, model, rank }) => ({
          ...{ model: key, callTimeoutMs: model.callTimeout, rank },
          ...priceOf(model),
        })),
    ])
    .filter(([, candidates]) => candidates.length > 0);
  return Object.fromEntries(routes);
};
