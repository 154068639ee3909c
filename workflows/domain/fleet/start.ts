import { awaitModel, occupy, schedule } from './calls.ts';
import { deviationIn, remainingMs } from './lengths.ts';
import { meanMsOn, type Problem } from './problem.ts';
import { emptyWorld, phases, type World } from './world.ts';

/** The fleet as it is now, before anything is decided, in one draw of what lengths may be. */
export const worldNow = (problem: Problem, draw = 0): World => {
  const world = emptyWorld(problem);
  world.draw = draw;
  world.now = problem.now;
  world.calls.set(problem.calls);
  world.needs.set(problem.needs);
  problem.hosts.forEach(({ seen, resident, change }, host) => {
    world.free[host] = seen.slots;
    world.holds[host] = resident.id;
    if (change !== undefined) world.becomes[host] = change.to.id;
  });
  const reachable = reachableIn(problem);
  problem.stages.forEach(({ standing, host, at, model }, stage) => {
    if (!reachable(stage)) return;
    world.open++;
    if (model >= 0) {
      const work = (problem.calls[stage] as number) * (problem.callMs[stage] as number);
      world.leftMs[model] = (world.leftMs[model] as number) + work;
    }
    if (standing === 'ready') awaitModel(problem, world, stage);
    if (standing === 'coming' && problem.needs[stage] === 0) awaitModel(problem, world, stage);
    if (standing === 'gap') {
      world.phase[stage] = phases.gap;
      if (model >= 0) world.pausing[model] = (world.pausing[model] as number) + 1;
      schedule(world, stage, at);
    }
    if (standing !== 'running') return;
    const by = host < 0 ? -1 : (problem.hosts[host]?.resident.server[model] ?? -1);
    occupy(problem, world, stage, host, by);
    const [meanMs, spread] = [meanMsOn(problem, stage, host), problem.spread[stage] as number];
    const deviation = deviationIn(draw, stage, problem.calls[stage] as number);
    schedule(world, stage, problem.now + remainingMs(meanMs, spread, deviation, problem.now - at));
  });
  problem.hosts.forEach(({ change }, host) => {
    if (change === undefined || drains(problem, world, host)) return;
    world.changing[host] = 1;
    schedule(world, problem.stages.length + host, Math.max(change.endsAt, problem.now + 1));
  });
  return world;
};

const drains = (problem: Problem, world: World, host: number): boolean =>
  problem.hosts[host]?.resident.models.some(
    (model) =>
      !problem.hosts[host]?.change?.to.models.includes(model) &&
      (world.serving[host * problem.models.length + model] as number) > 0,
  ) ?? false;

/** Without what nobody can serve, what waits for itself in a circle, and all that needs either: those would never end. */
const reachableIn = ({ stages, needs, successors }: Problem): ((stage: number) => boolean) => {
  const left = Int32Array.from(needs);
  const reached = new Uint8Array(stages.length);
  const open = stages.flatMap(({ standing }, stage) =>
    standing !== 'never' && (standing !== 'coming' || left[stage] === 0) ? [stage] : [],
  );
  for (let stage = open.pop(); stage !== undefined; stage = open.pop()) {
    reached[stage] = 1;
    for (const next of successors[stage] as Int32Array) {
      left[next] = (left[next] as number) - 1;
      if (left[next] === 0 && stages[next]?.standing === 'coming') open.push(next);
    }
  }
  return (stage) => reached[stage] === 1;
};
