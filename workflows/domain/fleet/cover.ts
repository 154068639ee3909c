import type { Problem } from './problem.ts';
import { phases, residencyAt, type World } from './world.ts';

/** Whether a host has a model's gate open for good, or will have it open after the change under way. */
export const covers = (problem: Problem, world: World, host: number, model: number): boolean => {
  const becomes = world.becomes[host] as number;
  const id = becomes < 0 ? (world.holds[host] as number) : becomes;
  return (residencyAt(problem, host, id).server[model] as number) >= 0;
};

/** How many calls of a model the other hosts can take at once without a further change. */
export const roomElsewhere = (problem: Problem, world: World, host: number, model: number): number => {
  let room = 0;
  for (let other = 0; other < problem.hosts.length; other++) {
    if (other === host || !covers(problem, world, other, model)) continue;
    const opens = (world.becomes[other] as number) >= 0;
    const slots = problem.hosts[other]?.seen.slots ?? 0;
    room += Math.max(0, opens ? slots : (world.free[other] as number));
  }
  return room;
};

/** Whether another host serves a model, or will after its change. */
export const isCoveredElsewhere = (problem: Problem, world: World, host: number, model: number): boolean => {
  for (let other = 0; other < problem.hosts.length; other++) {
    if (other !== host && covers(problem, world, other, model)) return true;
  }
  return false;
};

/** Whether the next call of a model is due until a moment. */
export const isDueUntil = (problem: Problem, world: World, model: number, until: number): boolean => {
  if ((world.pausing[model] as number) === 0) return false;
  const stages = problem.stages.length;
  for (let index = 0; index < world.eventCount; index++) {
    const item = world.events[index] as number;
    if (item >= stages || problem.modelOf[item] !== model || world.phase[item] !== phases.gap) continue;
    if ((world.due[item] as number) <= until) return true;
  }
  return false;
};
