import type { FleetModel } from './fleet.ts';

type Serving = Pick<FleetModel, 'key' | 'weights' | 'context'>;

/** Whether a resident model can serve the calls of another: itself, or the same weights with no smaller context. */
export const servesCallsOf = (resident: Serving, called: Serving): boolean =>
  resident.key === called.key || (resident.weights === called.weights && resident.context >= called.context);

/** Models of a host whose gates are open while some of them are resident. */
export const openedBy = (
  resident: readonly FleetModel[],
  served: readonly FleetModel[],
): readonly FleetModel[] => served.filter((called) => resident.some((holds) => servesCallsOf(holds, called)));
