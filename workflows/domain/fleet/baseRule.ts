import { isCoveredElsewhere, isDueUntil, roomElsewhere } from './cover.ts';
import type { FleetSettings } from './fleet.ts';
import type { Problem } from './problem.ts';
import type { Residency } from './residency.ts';
import type { Rule } from './simulate.ts';
import { residencyAt, type World } from './world.ts';

/** The rank at which a call's urgency counts as much as its model's backlog. */
const urgentMs = 30 * 60_000;

/**
 * Setup-aware pull with hold. A model stays as long as calls of it run or wait, or are due within `hold` times there and back where
 * no other host serves it. What comes instead has the largest backlog that nobody else can take, measured against what the change
 * costs, and weighed by how much waits for it.
 */
export const baseRule = (problem: Problem, { hold }: Pick<FleetSettings, 'hold'>): Rule => {
  const modelCount = problem.models.length;
  return (world, host) => {
    const { fixed, residencies } = problem.hosts[host] as Problem['hosts'][number];
    // A model that comes beside others has use of a free slot only.
    if (fixed || (world.free[host] as number) <= 0) return -1;
    const from = residencyAt(problem, host, world.holds[host] as number);
    let needed: number[] | undefined;
    let best: Residency | undefined;
    let bestScore = 0;
    for (let model = 0; model < modelCount; model++) {
      const waiting = world.waiting[model] as number;
      if (waiting === 0 || (from.server[model] as number) >= 0) continue;
      const room = roomElsewhere(problem, world, host, model);
      if (waiting <= room) continue;
      needed ??= neededOn(problem, world, host, from);
      const to = residencies.towards(from, model, needed, byWorkLeft(world, from));
      if (to === undefined) continue;
      const score = scoreOf(problem, world, host, model, waiting - room, residencies.swapMs(from, to));
      if (score <= bestScore) continue;
      best = to;
      bestScore = score;
    }
    if (best === undefined) return -1;
    const horizon = world.now + hold * (residencies.swapMs(from, best) + residencies.swapMs(best, from));
    return isHeld(problem, world, host, from, best, horizon) ? -1 : best.id;
  };
};

/** Resident models with calls that run here or wait. */
const neededOn = (problem: Problem, world: World, host: number, { models, server }: Residency): number[] =>
  models.filter((held) => {
    if ((world.serving[host * problem.models.length + held] as number) > 0) return true;
    for (let model = 0; model < server.length; model++) {
      if (server[model] === held && (world.waiting[model] as number) > 0) return true;
    }
    return false;
  });

/** What to keep beside a model that comes, the most work first: what is needed latest goes first. */
export const byWorkLeft = (world: World, { models }: Residency): readonly number[] =>
  models.length < 2
    ? models
    : models.toSorted((a, b) => (world.leftMs[b] as number) - (world.leftMs[a] as number) || a - b);

const scoreOf = (
  problem: Problem,
  world: World,
  host: number,
  model: number,
  beyond: number,
  costMs: number,
): number => {
  const slots = problem.hosts[host]?.seen.slots ?? 1;
  const first = world.queues[problem.queueAt[model] as number] as number;
  const work = (world.waitingMs[model] as number) / Math.min(slots, beyond);
  return (work / (work + costMs)) * (1 + (world.rank[first] as number) / urgentMs);
};

/** Whether something that would go is due again too soon, and is served nowhere else. */
const isHeld = (
  problem: Problem,
  world: World,
  host: number,
  from: Residency,
  to: Residency,
  horizon: number,
): boolean => {
  for (let model = 0; model < from.server.length; model++) {
    if ((from.server[model] as number) < 0 || (to.server[model] as number) >= 0) continue;
    if (!isDueUntil(problem, world, model, horizon)) continue;
    if (!isCoveredElsewhere(problem, world, host, model)) return true;
  }
  return false;
};
