import { servesCallsOf } from '../../workflows/domain/fleet/dominance.ts';
import { type ModelSettings, weightsOf } from '../../workflows/domain/host/model.ts';
import type { ModelDemand } from '../../workflows/domain/host/residency.ts';

/** Whether one that is resident serves the calls of another, as the fleet plans it. */
export const servesCalls = (resident: ModelSettings, called: ModelSettings): boolean =>
  servesCallsOf({ ...resident, weights: weightsOf(resident) }, { ...called, weights: weightsOf(called) });

/** Which queues are open while models are resident, each with the one that serves it: itself before any other. */
export const servedBy = (
  models: readonly ModelSettings[],
  resident: readonly string[],
): ReadonlyMap<string, ModelSettings> => {
  const holds = models.filter(({ key }) => resident.includes(key));
  return new Map(
    models.flatMap((called) => {
      const own = holds.find(({ key }) => key === called.key);
      const server = own ?? holds.find((one) => servesCalls(one, called));
      return server === undefined ? [] : [[called.key, server] as const];
    }),
  );
};

/** What waits for a model that another one serves meanwhile is that one's work: nobody has to be loaded for it. */
export const mergedDemands = (
  models: readonly ModelSettings[],
  resident: readonly string[],
  demands: readonly ModelDemand[],
): readonly ModelDemand[] => {
  const servers = servedBy(models, resident);
  const serverOf = (key: string): string => servers.get(key)?.key ?? key;
  return demands
    .filter(({ model }) => serverOf(model) === model)
    .map((demand) => {
      const own = demands.filter(({ model }) => serverOf(model) === demand.model);
      return {
        ...demand,
        waiting: own.reduce((sum, { waiting }) => sum + waiting, 0),
        running: own.reduce((sum, { running }) => sum + running, 0),
        waitedMs: Math.max(...own.map(({ waitedMs }) => waitedMs)),
      };
    });
};
