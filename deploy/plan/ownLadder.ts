import { ladderOf } from '../../workflows/domain/bead/ladder.ts';
import type { ModelStep } from '../../workflows/domain/convoy.ts';
import type { TownConfig } from '../config/townConfig.ts';
import type { PlannedBead } from './plan.ts';

/** The models of a bead whose plan names some or needs a context, in the order in which they are asked; else undefined. */
export const ownLadder = (
  { models, context = 0, tier }: PlannedBead,
  config: TownConfig,
): readonly ModelStep[] | undefined => {
  if (models === undefined && context === 0) return;
  const known = new Map(config.models.map((model) => [model.key, model]));
  const steps =
    models === undefined
      ? ladderOf({ tier }, config)
      : models.flatMap((key): ModelStep[] => {
          const model = known.get(key);
          if (model === undefined) return [];
          const { callTimeoutMs, price } = model;
          return [{ model: key, callTimeoutMs, ...(price === undefined ? {} : { price }) }];
        });
  return steps.filter(({ model }) => (known.get(model)?.context ?? 0) >= context);
};
