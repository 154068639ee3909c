import type { FleetModel } from './fleet.ts';

/** What a change of residency takes once nothing runs on what goes: what goes is unloaded, then what comes is loaded. */
export const swapMs = (from: readonly FleetModel[], to: readonly FleetModel[]): number => {
  const goes = from.filter((model) => !to.includes(model));
  const comes = to.filter((model) => !from.includes(model));
  return (
    goes.reduce((sum, { unloadMs }) => sum + unloadMs, 0) + comes.reduce((sum, { loadMs }) => sum + loadMs, 0)
  );
};
