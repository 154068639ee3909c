import { baseRule } from './baseRule.ts';
import { candidatesOf, isFree } from './candidates.ts';
import type { FleetPlan, FleetSettings, FleetState, HostDecision } from './fleet.ts';
import { planAgainAt } from './planAgain.ts';
import { type Problem, type ProblemHost, problemOf } from './problem.ts';
import { duration, staysBecause, swapsBecause } from './reason.ts';
import { type Found, search } from './search.ts';
import { simulationOf } from './simulate.ts';
import { worldNow } from './start.ts';
import { forStarving } from './starvation.ts';
import { keysAt, mustHold } from './steering.ts';
import { gainOf, neverMs, stay, trialsOf } from './trials.ts';
import type { World } from './world.ts';

/** What one decision may cost, in simulated events by hosts that look at each: a clock would make plans differ. */
const mostEffort = 160_000;
const mostTrials = 64;
const mostDraws = 8;

/** Which models each host is to hold from now on. A pure function of what is known: the same state gives the same plan. */
export const planFleet = (state: FleetState, settings: FleetSettings): FleetPlan => {
  const problem = problemOf(state);
  const simulation = simulationOf(problem);
  const base = baseRule(problem, settings);
  const now = worldNow(problem);
  const told = toldOf(problem, now, settings);
  const orders = problem.hosts.map((_, host) => told.get(host)?.to);
  const decided = simulation.run(now, (_, host) => orders[host] ?? base(_, host), 0);
  const candidates = settings.lookAhead
    ? candidatesOf(
        problem,
        decided,
        settings,
        (host) => !told.has(host) && isFree(problem.hosts[host] as ProblemHost),
      )
    : [];
  const events = mostEffort / (problem.hosts.length + 2);
  const trials = trialsOf(simulation, base, { events, trials: candidates.length + 1, most: mostDraws });
  const affordable = Math.floor(events / (trials.runEvents * trials.draws));
  const found = settings.lookAhead
    ? search(problem, trials, orders, candidates, {
        mostTrials: Math.min(mostTrials, affordable),
        leastGainMs: settings.leastGainMs,
      })
    : { orders, ends: trials.try(orders), tried: [] };
  const begun = trials.begun(found.orders);
  const after = simulation.run(now, () => -1, 0);
  const mean = found.ends.reduce((sum, end) => sum + end, 0) / found.ends.length;
  return {
    at: state.now,
    endsAt: after.open === 0 || mean >= neverMs ? undefined : Math.round(state.now + mean),
    hosts: problem.hosts.map((_, host) => decisionOf({ problem, world: after, told, found, begun }, host)),
    againAt: planAgainAt(problem, after, settings),
  };
};

interface Told {
  readonly to: number;
  readonly reason: string;
}

/** What hosts are told whatever would be best: by people, by refusals, and for calls that have waited too long. */
const toldOf = (problem: Problem, world: World, settings: FleetSettings): ReadonlyMap<number, Told> => {
  const told = new Map<number, Told>();
  problem.hosts.forEach((_, host) => {
    const must = mustHold(problem, host);
    if (must !== undefined) told.set(host, must);
  });
  for (const [host, { to, model, since }] of forStarving(problem, world, settings, (one) => told.has(one))) {
    const waited = duration(problem.now - since);
    told.set(host, { to, reason: `a call for ${problem.models[model]?.key} has waited ${waited}` });
  }
  return told;
};

interface Outcome {
  readonly problem: Problem;
  readonly world: World;
  readonly told: ReadonlyMap<number, Told>;
  readonly found: Found;
  readonly begun: Int32Array;
}

const decisionOf = ({ problem, world, told, found, begun }: Outcome, host: number): HostDecision => {
  const { seen, resident, change } = problem.hosts[host] as ProblemHost;
  const order = told.get(host);
  const to = order?.to ?? begun[host] ?? -1;
  const next = change !== undefined && order === undefined ? change.to.id : to < 0 ? resident.id : to;
  const want = keysAt(problem, host, next);
  const changes = change === undefined && next !== resident.id;
  // A change under way ends first: nothing else could be begun now.
  const others = change === undefined ? found.tried.filter((one) => one.host === host && one.to !== to) : [];
  const alternatives = others
    .map((one) => ({
      want: keysAt(problem, host, one.to === stay ? resident.id : one.to),
      laterMs: laterOf(found, one.ends),
    }))
    .toSorted((a, b) => a.laterMs - b.laterMs);
  const planned = found.orders[host] !== undefined && order === undefined;
  const staying = found.tried.find((one) => one.host === host && one.to === stay);
  const gainMs = changes && staying !== undefined ? Math.max(0, laterOf(found, staying.ends)) : 0;
  const why = changes ? swapsBecause(problem, world, host, next) : staysBecause(problem, world, host);
  const reason = order?.reason ?? (planned ? `looking ahead: ${why}` : why);
  return { host: seen.host, want, reason, gainMs, alternatives };
};

const laterOf = (found: Found, ends: Found['ends']): number => gainOf(ends, found.ends).gainMs;
