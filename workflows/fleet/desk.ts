import type { CancellationScope } from '@temporalio/workflow';
import type { FleetPlan } from '../domain/fleet/fleet.ts';
import { defaultFleetPace, type FleetPace } from '../domain/fleet/fleetPace.ts';
import { type KnownFleet, noFleet } from '../domain/fleet/known.ts';
import type { FleetStatus, ModelDemand } from '../domain/fleet/status.ts';

/** The input of the workflow `fleet`. */
export interface FleetInput {
  readonly pace?: Partial<FleetPace>;
  readonly carried?: KnownFleet;
}

/** A plan that a host follows. */
export interface InForce {
  readonly want: readonly string[];
  readonly scope: CancellationScope;
}

/** Everything the fleet knows. `version` counts news, so that its loop has one thing to wait for. */
export interface FleetDesk {
  readonly pace: FleetPace;
  known: KnownFleet;
  plan: FleetPlan | undefined;
  demand: readonly ModelDemand[];
  readonly inForce: Map<string, InForce>;
  version: number;
}

export const newFleetDesk = ({ pace, carried }: FleetInput): FleetDesk => ({
  pace: { ...defaultFleetPace, ...pace },
  known: carried ?? noFleet,
  plan: undefined,
  demand: [],
  inForce: new Map(),
  version: 0,
});

export const fleetStatusOf = ({ known, plan, demand, inForce }: FleetDesk): FleetStatus => ({
  hosts: Object.entries(known.hosts).map(([host, { report, lost }]) => ({
    ...{ report, lost },
    steering: known.steering[host] ?? {},
    told: inForce.get(host)?.want,
    order: inForce.has(host) ? known.orders?.[host]?.present : undefined,
  })),
  ...{ plan, demand },
  swaps: known.swaps,
  beads: Object.values(known.epics).flat().length,
});
