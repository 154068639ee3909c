/** Which model begins a bead: the smallest that is resident and good enough, so that no swap is made for it alone. */
import type { ModelStep } from '../convoy.ts';
import type { FleetStatus } from './status.ts';

/** A model that a tier may be routed to. */
export interface RouteModel extends ModelStep {
  /** Its tier's, from 0. */
  readonly rank: number;
}

/**
 * The ladder of a bead, from `candidates` of its tier and higher ones, smallest first. Nothing resident: the smallest, and the
 * fleet plans the swap. Whatever fails its gates climbs on.
 */
export const routeOf = (
  candidates: readonly RouteModel[],
  hosts: FleetStatus['hosts'],
): readonly ModelStep[] => {
  const resident = new Set(
    hosts
      .filter(({ lost, report, steering }) => !lost && report.away === undefined && !steering.drained)
      .flatMap(({ report }) => report.swap?.to ?? report.open),
  );
  const first = candidates.find(({ model }) => resident.has(model)) ?? candidates[0];
  if (first === undefined) return [];
  const others = candidates.filter((one) => one !== first && one.rank >= first.rank);
  return [first, ...others].map(({ rank: _, ...step }) => step);
};
