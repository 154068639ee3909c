import type { FleetModel } from './fleet.ts';
import { fitBeside } from './memory.ts';
import type { Problem, ProblemHost } from './problem.ts';
import { residencyAt } from './world.ts';

/** What a host is to hold whatever is planned, with the reason; undefined where the planner is free. */
export interface Must {
  readonly to: number;
  readonly reason: string;
}

/** What people and refusals decide for a host. A change that is under way ends first. */
export const mustHold = (problem: Problem, host: number): Must | undefined => {
  const { seen, residencies, resident, change } = problem.hosts[host] as ProblemHost;
  if (change !== undefined && seen.drained !== true) return;
  if (seen.drained === true) return { to: residencies.of([]).id, reason: 'drained by a person' };
  const models = problem.models;
  const usable = models.filter(({ key }) => seen.serves.includes(key) && !seen.refused?.includes(key));
  const numbers = (of: readonly FleetModel[]): number[] => of.map((model) => models.indexOf(model));
  if (seen.coresident) {
    return { to: residencies.of(numbers(usable)).id, reason: 'holds all of its models together' };
  }
  const held = resident.models.map((model) => models[model] as FleetModel);
  const pinned = usable.filter(({ key }) => seen.pinned?.includes(key));
  const kept = held.filter((model) => usable.includes(model));
  const asked = fitBeside(seen, pinned, kept);
  const to = residencies.of(numbers(asked)).id;
  if (to === resident.id) return;
  const missing = pinned.filter((model) => !held.includes(model)).map(({ key }) => key);
  const refused = held.filter((model) => !usable.includes(model)).map(({ key }) => key);
  if (missing.length > 0) return { to, reason: `${missing.join(', ')} pinned by a person` };
  if (refused.length > 0) return { to, reason: `refuses ${refused.join(', ')}` };
  return { to, reason: 'what is resident does not fit together' };
};

/** The keys of a residency. */
export const keysAt = (problem: Problem, host: number, id: number): readonly string[] =>
  residencyAt(problem, host, id).models.map((model) => problem.models[model]?.key ?? '');
