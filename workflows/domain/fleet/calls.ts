/** Calls in a simulated fleet: how they wait, start and end. */
import { popHeap, pushHeap } from './heap.ts';
import { deviationIn, lengthMs } from './lengths.ts';
import { meanMsOn, type Problem } from './problem.ts';
import { phases, residencyAt, type World } from './world.ts';

/** Has the next event of a stage, or of a host behind the stages, come at a moment. */
export const schedule = (world: World, item: number, at: number): void => {
  world.due[item] = at;
  pushHeap(world.events, 0, world.eventCount++, item, world.due, 1);
};

/** A call of a stage waits from now on; one that is not the fleet's runs at once. */
export const awaitModel = (problem: Problem, world: World, stage: number): void => {
  const model = problem.modelOf[stage] as number;
  const left = world.calls[stage] as number;
  const callMs = problem.callMs[stage] as number;
  if (model < 0) {
    occupy(problem, world, stage, -1, -1);
    schedule(world, stage, world.now + lengthOf(problem, world, stage));
    return;
  }
  const own = left * callMs + (left - 1) * (problem.gapMs[stage] as number);
  const waiting = world.waiting[model] as number;
  world.phase[stage] = phases.ready;
  world.rank[stage] = (problem.after[stage] as number) + own;
  pushHeap(world.queues, problem.queueAt[model] as number, waiting, stage, world.rank, -1);
  world.waiting[model] = waiting + 1;
  world.waitingMs[model] = (world.waitingMs[model] as number) + callMs;
};

const takeFirst = (problem: Problem, world: World, model: number): number => {
  const waiting = world.waiting[model] as number;
  const stage = popHeap(world.queues, problem.queueAt[model] as number, waiting, world.rank, -1);
  world.waiting[model] = waiting - 1;
  world.waitingMs[model] = (world.waitingMs[model] as number) - (problem.callMs[stage] as number);
  return stage;
};

/** A call of a stage runs on a host, served by a resident model; -1 where that is not known. */
export const occupy = (problem: Problem, world: World, stage: number, host: number, by: number): void => {
  world.phase[stage] = phases.running;
  world.runsOn[stage] = host;
  world.runsBy[stage] = by;
  if (host < 0) return;
  world.free[host] = (world.free[host] as number) - 1;
  if (by < 0) return;
  const at = host * problem.models.length + by;
  world.serving[at] = (world.serving[at] as number) + 1;
};

const lengthOf = (problem: Problem, world: World, stage: number): number => {
  const meanMs = meanMsOn(problem, stage, world.runsOn[stage] as number);
  if (world.draw === 0) return meanMs;
  const deviation = deviationIn(world.draw, stage, world.calls[stage] as number);
  return lengthMs(meanMs, problem.spread[stage] as number, deviation);
};

/** Gives free slots of a host to the waiting calls of highest rank that its open gates let in. */
export const startCalls = (problem: Problem, world: World, host: number): void => {
  if ((world.free[host] as number) <= 0) return;
  const { server, models } = residencyAt(problem, host, world.holds[host] as number);
  const becomes = world.becomes[host] as number;
  const next = becomes < 0 ? models : residencyAt(problem, host, becomes).models;
  while ((world.free[host] as number) > 0) {
    let best = -1;
    let bestRank = -1;
    for (let model = 0; model < server.length; model++) {
      if ((world.waiting[model] as number) === 0) continue;
      const by = server[model] as number;
      if (by < 0 || (becomes >= 0 && !next.includes(by))) continue;
      const first = world.queues[problem.queueAt[model] as number] as number;
      const rank = world.rank[first] as number;
      if (rank <= bestRank) continue;
      best = model;
      bestRank = rank;
    }
    if (best < 0) return;
    const stage = takeFirst(problem, world, best);
    occupy(problem, world, stage, host, server[best] as number);
    schedule(world, stage, world.now + lengthOf(problem, world, stage));
  }
};

/** The call of a stage has ended: the next one follows after a pause, or all that needs it may begin. */
export const endCall = (problem: Problem, world: World, stage: number): void => {
  const host = world.runsOn[stage] as number;
  const by = world.runsBy[stage] as number;
  const model = problem.modelOf[stage] as number;
  if (host >= 0) world.free[host] = (world.free[host] as number) + 1;
  if (host >= 0 && by >= 0) {
    const at = host * problem.models.length + by;
    world.serving[at] = (world.serving[at] as number) - 1;
  }
  world.runsOn[stage] = -1;
  world.runsBy[stage] = -1;
  world.calls[stage] = (world.calls[stage] as number) - 1;
  if (model >= 0) world.leftMs[model] = (world.leftMs[model] as number) - (problem.callMs[stage] as number);
  if ((world.calls[stage] as number) > 0) {
    world.phase[stage] = phases.gap;
    if (model >= 0) world.pausing[model] = (world.pausing[model] as number) + 1;
    schedule(world, stage, world.now + (problem.gapMs[stage] as number));
    return;
  }
  world.phase[stage] = phases.ended;
  world.open--;
  world.ended += world.now - problem.now;
  const following = problem.successors[stage] as Int32Array;
  for (let index = 0; index < following.length; index++) {
    const next = following[index] as number;
    const needs = (world.needs[next] as number) - 1;
    world.needs[next] = needs;
    if (needs === 0 && problem.stages[next]?.standing === 'coming') awaitModel(problem, world, next);
  }
};

/** The pause of a stage is over. */
export const endPause = (problem: Problem, world: World, stage: number): void => {
  const model = problem.modelOf[stage] as number;
  if (model >= 0) world.pausing[model] = (world.pausing[model] as number) - 1;
  awaitModel(problem, world, stage);
};
