import { endCall, endPause, schedule, startCalls } from './calls.ts';
import { popHeap } from './heap.ts';
import type { Problem } from './problem.ts';
import { copyWorld, emptyWorld, phases, residencyAt, type World } from './world.ts';

/** What a rule says of a host that may change: the number of the residency that it is to have, or -1: as it is. */
export type Rule = (world: World, host: number) => number;

export interface Simulation {
  readonly problem: Problem;
  /** Events of all runs so far: what a decision has cost. */
  events: number;
  /**
   * Goes on from a world until nothing is left to happen, or for so many events. The answer is one world for all runs: it holds
   * until the next one.
   */
  run(from: World, rule: Rule, mostEvents: number): World;
}

export const simulationOf = (problem: Problem): Simulation => {
  const world = emptyWorld(problem);
  const simulation: Simulation = {
    problem,
    events: 0,
    run: (from, rule, mostEvents) => {
      copyWorld(from, world);
      settle(problem, world, rule);
      let events = 0;
      while (world.eventCount > 0 && events < mostEvents) {
        world.now = Math.max(world.now, world.due[world.events[0] as number] as number);
        // What happens at the same moment is decided on together.
        while (
          world.eventCount > 0 &&
          (world.due[world.events[0] as number] as number) <= world.now + momentMs
        ) {
          happen(problem, world, popHeap(world.events, 0, world.eventCount--, world.due, 1));
          events++;
        }
        settle(problem, world, rule);
      }
      simulation.events += events;
      return world;
    },
  };
  return simulation;
};

const momentMs = 0.001;

const happen = (problem: Problem, world: World, item: number): void => {
  const host = item - problem.stages.length;
  if (host >= 0) {
    world.holds[host] = world.becomes[host] as number;
    world.becomes[host] = -1;
    world.changing[host] = 0;
  } else if (world.phase[item] === phases.running) endCall(problem, world, item);
  else endPause(problem, world, item);
};

/** Starts what can start, and begins the changes that the rule wants. */
const settle = (problem: Problem, world: World, rule: Rule): void => {
  for (let host = 0; host < problem.hosts.length; host++) {
    startCalls(problem, world, host);
    if (world.changing[host] === 1) continue;
    if ((world.becomes[host] as number) < 0) {
      const to = rule(world, host);
      if (to < 0 || to === world.holds[host]) continue;
      world.becomes[host] = to;
      world.swaps++;
    }
    if (hasDrained(problem, world, host)) beginChange(problem, world, host);
  }
};

/** Whether nothing runs any more on what a host gives up. */
const hasDrained = (problem: Problem, world: World, host: number): boolean => {
  const goes = residencyAt(problem, host, world.holds[host] as number).models;
  const keeps = residencyAt(problem, host, world.becomes[host] as number).models;
  for (let index = 0; index < goes.length; index++) {
    const model = goes[index] as number;
    const serving = world.serving[host * problem.models.length + model] as number;
    if (serving > 0 && !keeps.includes(model)) return false;
  }
  return true;
};

const beginChange = (problem: Problem, world: World, host: number): void => {
  const from = residencyAt(problem, host, world.holds[host] as number);
  const to = residencyAt(problem, host, world.becomes[host] as number);
  const ms = problem.hosts[host]?.residencies.swapMs(from, to) ?? 0;
  world.changing[host] = 1;
  schedule(world, problem.stages.length + host, world.now + ms);
};
