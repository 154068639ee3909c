import { loadBound } from '../../../workflows/domain/host/loadBound.ts';
import type { ModelSettings } from '../../../workflows/domain/host/model.ts';
import type { Patience } from './patience.ts';

/** What loads on one host have taken, as far as this process has seen. */
export interface LoadTimes {
  /** How long the next load of a model may take, ms. */
  bound(model: ModelSettings, patience: Patience): number;
  /** One has ended well. */
  took(model: ModelSettings, ms: number): void;
  /** One was given up. */
  missed(model: ModelSettings): void;
  /** The longest that was measured; undefined before one was. */
  longest(model: ModelSettings): number | undefined;
}

export const createLoadTimes = (): LoadTimes => {
  const longest = new Map<string, number>();
  const misses = new Map<string, number>();
  return {
    bound: (model, { loadMs, usualLoadMs }) =>
      loadBound(
        {
          configuredMs: model.loadMs,
          measuredMs: longest.get(model.key),
          missed: misses.get(model.key) ?? 0,
        },
        { leastMs: loadMs, usualMs: usualLoadMs, mostMs: model.callTimeoutMs },
      ),
    took: ({ key }, ms) => {
      misses.delete(key);
      longest.set(key, Math.max(longest.get(key) ?? 0, ms));
    },
    missed: ({ key }) => {
      misses.set(key, (misses.get(key) ?? 0) + 1);
    },
    longest: ({ key }) => longest.get(key),
  };
};
