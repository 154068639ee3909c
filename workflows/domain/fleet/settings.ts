import type { FleetSettings } from './fleet.ts';

export const defaultFleetSettings: FleetSettings = {
  hold: 1,
  maxWaitMs: 15 * 60_000,
  minResidencyMs: 2 * 60_000,
  lookAhead: true,
};
