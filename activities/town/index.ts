import type { Client } from '@temporalio/client';
import type { ModelSettings } from '../../workflows/domain/host/model.ts';
import type { Pace } from '../../workflows/domain/pace.ts';
import type { PlannerPort, TownPort } from '../../workflows/ports.ts';
import { createAskStages } from './askStages.ts';
import { createBeadOutcomes } from './beadOutcome.ts';
import { createBeadStanding } from './beadStanding.ts';
import { createFleetPlanner, type FleetConfig } from './fleetPlanner.ts';
import { createNotify, type NotifyDeps } from './notify.ts';
import { createOutlook } from './outlook.ts';
import { planners } from './planners.ts';
import { createRefineryDoor } from './refineryDoor.ts';
import { createRouteBead } from './routeBead.ts';
import { createTownHall, type TownDefaults } from './townHall.ts';

interface TownDeps {
  readonly client: Client;
  readonly town: TownDefaults;
  readonly models: ReadonlyMap<string, ModelSettings>;
  /** How a person is told outside the town. */
  readonly notify: NotifyDeps;
  /** Durations for the Refinery; its own defaults when undefined. */
  readonly pace: Pace | undefined;
  readonly fleet: FleetConfig;
}

/** Activities of the queue `town`: what needs no place, only the server. */
export const createTownActivities = (deps: TownDeps): TownPort & PlannerPort => ({
  ...createRefineryDoor(deps),
  ...createBeadOutcomes(deps),
  ...createBeadStanding(deps),
  ...createOutlook(deps),
  ...createTownHall(deps),
  ...createAskStages(deps),
  ...createRouteBead(deps),
  ...createNotify(deps.notify),
  ...planners,
  ...createFleetPlanner(deps.fleet),
});
