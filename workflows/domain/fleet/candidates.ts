import { byWorkLeft } from './baseRule.ts';
import { covers } from './cover.ts';
import type { FleetSettings } from './fleet.ts';
import type { Problem, ProblemHost } from './problem.ts';
import { mayLeave } from './starvation.ts';
import type { World } from './world.ts';

/** Another residency that a host could change to now. */
export interface Candidate {
  readonly host: number;
  readonly to: number;
  /** Its gates would close while calls run, which costs slots. */
  readonly busy: boolean;
  /** How promising it looks, before it is tried. */
  readonly promise: number;
}

/**
 * What hosts could change to instead of what the base rule says, the most promising first. Among them are models that have no call
 * yet: closing a gate early for work that is about to come is what no rule that looks at queues can find.
 */
export const candidatesOf = (
  problem: Problem,
  /** After the base rule has decided. */
  world: World,
  settings: FleetSettings,
  isFree: (host: number) => boolean,
): readonly Candidate[] =>
  problem.hosts
    .flatMap(({ resident, residencies, seen }, host): Candidate[] => {
      if (!isFree(host) || !mayLeave(problem, world, host, settings)) return [];
      const others = byWorkLeft(world, resident);
      const busyOn = seen.slots - (world.free[host] as number);
      return problem.models.flatMap((_, model): Candidate | [] => {
        if ((world.leftMs[model] as number) < 1 || (resident.server[model] as number) >= 0) return [];
        const to = residencies.towards(resident, model, [], others);
        if (to === undefined) return [];
        const busy = resident.models.some(
          (held) => closes(problem, world, host, held) && !to.models.includes(held),
        );
        // What another host holds or loads is not worth closing a busy gate for.
        if (busy && problem.hosts.some((_, other) => other !== host && covers(problem, world, other, model)))
          return [];
        const waitingMs = world.waitingMs[model] as number;
        const promise = (waitingMs + 0.1 * (world.leftMs[model] as number)) / (1 + busyOn);
        return { host, to: to.id, busy, promise };
      });
    })
    .toSorted((a, b) => b.promise - a.promise || a.host - b.host || a.to - b.to);

const closes = (problem: Problem, world: World, host: number, held: number): boolean =>
  (world.serving[host * problem.models.length + held] as number) > 0;

/** Whether a host is the planner's to decide on. */
export const isFree = ({ fixed, change }: ProblemHost): boolean => !fixed && change === undefined;
