import {
  type FleetFacts,
  type HostFacts,
  hasChoice,
  type ModelFacts,
} from '../../workflows/domain/fleet/facts.ts';
import { type HostSettings, type ModelSettings, weightsOf } from '../../workflows/domain/host/model.ts';
import type { ConfigFile } from './schema.ts';
import type { TownConfig } from './townConfig.ts';

/** What a load and an unload are expected to take before one was measured: a 32B model from a fast disk. */
const usualLoadMs = 25_000;
const usualUnloadMs = 5_000;

/** What the fleet is planned with. */
export const fleetFacts = (hosts: readonly HostSettings[], models: readonly ModelSettings[]): FleetFacts => ({
  models: models.map(modelFacts),
  hosts: hosts.map((host) => hostFacts(host, models)),
});

/** Whether any host has models to choose between, so that plans are worth their events. */
export const needsFleet = ({ hosts }: FleetFacts): boolean => hosts.some(hasChoice);

/** The parts of the configuration that steer the fleet. */
export const fleetOf = ({ fleet, tiers }: ConfigFile): Pick<TownConfig, 'fleet' | 'targets'> => ({
  ...(fleet.plan
    ? {
        fleet: {
          hold: fleet.hold,
          maxWaitMs: fleet.maxWait,
          minResidencyMs: fleet.minResidency,
          leastGainMs: fleet.leastGain,
          lookAhead: fleet.lookAhead,
        },
      }
    : {}),
  targets: Object.fromEntries(
    Object.entries(tiers).flatMap(([tier, { target }]) => (target === undefined ? [] : [[tier, target]])),
  ),
});

const modelFacts = (model: ModelSettings): ModelFacts => ({
  key: model.key,
  weights: weightsOf(model),
  context: model.context,
  bytes: model.memoryBytes,
  loadMs: model.loadMs ?? usualLoadMs,
  unloadMs: model.unloadMs ?? usualUnloadMs,
});

const hostFacts = (host: HostSettings, models: readonly ModelSettings[]): HostFacts => ({
  host: host.name,
  slots: host.slots,
  memory: host.memoryBytes === undefined ? undefined : host.memoryBytes - (host.reserveBytes ?? 0),
  coresident: host.coresident,
  serves: models.filter(({ hosts }) => hosts.includes(host.name)).map(({ key }) => key),
});
