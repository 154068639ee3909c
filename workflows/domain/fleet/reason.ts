import { isCoveredElsewhere } from './cover.ts';
import type { Problem, ProblemHost } from './problem.ts';
import { keysAt } from './steering.ts';
import type { World } from './world.ts';

const named = (keys: readonly string[]): string => (keys.length === 0 ? 'nothing' : keys.join(' + '));
const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
export const duration = (ms: number): string =>
  ms >= 90_000 ? `${(ms / 60_000).toFixed(1)} min` : `${Math.max(0, Math.round(ms / 1_000))} s`;

/** Why a host goes on with what it holds. */
export const staysBecause = (problem: Problem, world: World, host: number): string => {
  const { seen, resident, change } = problem.hosts[host] as ProblemHost;
  if (change !== undefined) return `changes to ${named(keysAt(problem, host, change.to.id))}`;
  const waiting = callsFor(world, (model) => (resident.server[model] as number) >= 0);
  const here = named(keysAt(problem, host, resident.id));
  if (seen.running.length > 0) {
    return `keeps ${here}: ${counted(seen.running.length, 'call')} running, ${waiting} waiting for it`;
  }
  const elsewhere = callsFor(world, (model) => (resident.server[model] as number) < 0);
  const pausing = resident.server.some((by, model) => by >= 0 && (world.pausing[model] as number) > 0);
  if (elsewhere > 0 && pausing) return `holds ${here}: its next call is due soon`;
  if (waiting > 0) return `keeps ${here}: ${counted(waiting, 'call')} waiting for it`;
  return `keeps ${here}: ${elsewhere > 0 ? othersWait(problem, world, host, elsewhere) : nothingWaits(problem, world, host)}`;
};

/** Why calls of other models change nothing here. */
const othersWait = (problem: Problem, world: World, host: number, calls: number): string => {
  const { seen, resident, residencies } = problem.hosts[host] as ProblemHost;
  const wanted = problem.models.flatMap((_, model) =>
    (world.waiting[model] as number) > 0 && (resident.server[model] as number) < 0 ? [model] : [],
  );
  const what = `${counted(calls, 'call')} for other models waiting`;
  if (wanted.every((model) => !residencies.canServe(model)))
    return `${what}, none of which it may load${seen.pinned === undefined ? '' : ' beside what a person wants there'}`;
  if (wanted.every((model) => isCoveredElsewhere(problem, world, host, model)))
    return `${what}, which other hosts take`;
  return `${what}, and a swap now would end nothing sooner`;
};

/** What is known of work to come, since nothing waits. */
const nothingWaits = (problem: Problem, world: World, host: number): string => {
  const { resident } = problem.hosts[host] as ProblemHost;
  const coming = problem.models.flatMap(({ key }, model) =>
    (world.leftMs[model] as number) > 0 ? [{ key, isHere: (resident.server[model] as number) >= 0 }] : [],
  );
  const shut = new Set(
    problem.stages.flatMap(({ standing, model }) => (standing === 'never' ? [model] : [])),
  );
  const shutKeys = problem.models.filter((_, model) => shut.has(model)).map(({ key }) => key);
  if (coming.length === 0)
    return shutKeys.length === 0
      ? 'no work is known'
      : `no host may load ${shutKeys.join(', ')} now, which other work needs`;
  if (coming.some(({ isHere }) => isHere)) return 'work for it is under way or to come';
  return `nothing waits yet; work for ${coming.map(({ key }) => key).join(', ')} is under way or to come`;
};

/** Why a host changes, as far as the base rule says: what waits, and that nobody else takes it. */
export const swapsBecause = (problem: Problem, world: World, host: number, to: number): string => {
  const { residencies, resident } = problem.hosts[host] as ProblemHost;
  const target = residencies.all[to];
  const isNew = (model: number): boolean =>
    (target?.server[model] ?? -1) >= 0 && (resident.server[model] as number) < 0;
  const waiting = callsFor(world, isNew);
  const alone = problem.models.every(
    (_, model) => !isNew(model) || !isCoveredElsewhere(problem, world, host, model),
  );
  const cost = target === undefined ? 0 : residencies.swapMs(resident, target);
  const who = alone ? 'nobody else has it' : 'more than others can take';
  const what = waiting === 0 ? 'its work is about to come' : `${counted(waiting, 'call')} waiting, ${who}`;
  return `${named(keysAt(problem, host, resident.id))} → ${named(keysAt(problem, host, to))} (${duration(cost)}): ${what}`;
};

const callsFor = (world: World, counts: (model: number) => boolean): number =>
  world.waiting.reduce((sum, waiting, model) => (counts(model) ? sum + waiting : sum), 0);
