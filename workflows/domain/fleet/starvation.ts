import { byWorkLeft } from './baseRule.ts';
import { covers } from './cover.ts';
import type { FleetSettings } from './fleet.ts';
import type { Problem, ProblemHost } from './problem.ts';
import type { World } from './world.ts';

export interface Starving {
  readonly model: number;
  /** Since when its oldest call waits. */
  readonly since: number;
}

/** Models with calls that wait while no host serves them or is about to, the longest first. */
export const unservedModels = (problem: Problem, world: World): readonly Starving[] => {
  const oldest = new Map<number, number>();
  for (const { standing, model, at } of problem.stages) {
    if (standing === 'ready' && model >= 0) oldest.set(model, Math.min(oldest.get(model) ?? at, at));
  }
  return [...oldest]
    .filter(([model]) => !problem.hosts.some((_, host) => covers(problem, world, host, model)))
    .map(([model, since]) => ({ model, since }))
    .toSorted((a, b) => a.since - b.since || a.model - b.model);
};

/**
 * Whether a host may give up what it holds: not while calls wait for it, before it has been there for a while. What still runs keeps
 * it there until then.
 */
export const mayLeave = (
  problem: Problem,
  world: World,
  host: number,
  { minResidencyMs }: Pick<FleetSettings, 'minResidencyMs'>,
): boolean => {
  const { seen, resident } = problem.hosts[host] as ProblemHost;
  const until = seen.since + minResidencyMs;
  if (problem.now >= until) return true;
  if (!resident.server.some((by, model) => by >= 0 && (world.waiting[model] as number) > 0)) return true;
  for (let index = 0; index < world.eventCount; index++) {
    const item = world.events[index] as number;
    if (world.runsOn[item] === host && (world.due[item] as number) >= until) return true;
  }
  return false;
};

/**
 * Which hosts must change for calls that have waited longer than the bound: the one that is soonest free of what it does. Orders of
 * hosts that are told something already stay.
 */
export const forStarving = (
  problem: Problem,
  world: World,
  settings: FleetSettings,
  told: (host: number) => boolean,
): ReadonlyMap<number, { readonly to: number; readonly model: number; readonly since: number }> => {
  const orders = new Map<number, { to: number; model: number; since: number }>();
  for (const { model, since } of unservedModels(problem, world)) {
    if (problem.now - since < settings.maxWaitMs) break;
    const [first] = problem.hosts
      .flatMap(({ residencies, resident, fixed, change }, host) => {
        if (fixed || change !== undefined || told(host) || orders.has(host)) return [];
        if (!mayLeave(problem, world, host, settings)) return [];
        const to = residencies.towards(resident, model, [], byWorkLeft(world, resident));
        return to === undefined ? [] : { host, to: to.id, busyMs: busyMs(problem, world, host) };
      })
      .toSorted((a, b) => a.busyMs - b.busyMs || a.host - b.host);
    if (first !== undefined) orders.set(first.host, { to: first.to, model, since });
  }
  return orders;
};

/** What would have to end or wait: running calls, and the work that waits for what is resident. */
const busyMs = (problem: Problem, world: World, host: number): number => {
  const { seen, resident } = problem.hosts[host] as ProblemHost;
  let sum = 0;
  for (let model = 0; model < resident.server.length; model++) {
    if ((resident.server[model] as number) >= 0) sum += world.waitingMs[model] as number;
  }
  return sum + (seen.slots - (world.free[host] as number)) * 60_000;
};
