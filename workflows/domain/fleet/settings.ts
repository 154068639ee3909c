import type { FleetSettings } from './fleet.ts';

export const defaultFleetSettings: FleetSettings = {
  hold: 1,
  maxWaitMs: 60 * 60_000,
  minResidencyMs: 2 * 60_000,
  leastGainMs: 6_000,
  lookAhead: true,
};
