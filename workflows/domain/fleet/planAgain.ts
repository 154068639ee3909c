import type { FleetSettings } from './fleet.ts';
import type { Problem } from './problem.ts';
import { unservedModels } from './starvation.ts';
import type { World } from './world.ts';

/** A hold is looked at again so much after the call should have come, ms. */
const lateMs = 1_000;

/** When to plan again although nothing is reported: a wait reaches its bound, or a host holds out for a call that does not come. */
export const planAgainAt = (
  problem: Problem,
  world: World,
  { maxWaitMs, minResidencyMs }: FleetSettings,
): number | undefined => {
  const unserved = unservedModels(problem, world);
  const residencies = problem.hosts.flatMap(({ seen, resident, fixed }) => {
    const bound = resident.server.some((by, model) => by >= 0 && (world.waiting[model] as number) > 0);
    return bound && !fixed ? seen.since + minResidencyMs : [];
  });
  if (unserved.length === 0) {
    const next = residencies.filter((at) => at > problem.now);
    return next.length === 0 ? undefined : Math.min(...next);
  }
  const bounds = unserved.map(({ since }) => since + maxWaitMs);
  const pauses = problem.stages.flatMap(({ standing, at }) => (standing === 'gap' ? at + lateMs : []));
  const next = [...bounds, ...residencies, ...pauses].filter((at) => at >= problem.now + lateMs);
  return next.length === 0 ? problem.now + 30_000 : Math.min(...next);
};
