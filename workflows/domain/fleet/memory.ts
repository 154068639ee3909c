import type { FleetHost, FleetModel } from './fleet.ts';

type Room = Pick<FleetHost, 'memory' | 'coresident'>;

/**
 * Whether a host can hold these models at once. One alone always fits, since somebody has configured it there; several only where
 * all sizes are known, or by the Overseer's word. Two contexts of the same weights displace each other on model servers.
 */
export const fitsTogether = (host: Room, models: readonly FleetModel[]): boolean => {
  if (models.length < 2 || host.coresident) return true;
  if (host.memory === undefined) return false;
  if (new Set(models.map(({ weights }) => weights)).size < models.length) return false;
  return models.reduce((sum, { bytes }) => sum + (bytes ?? Number.POSITIVE_INFINITY), 0) <= host.memory;
};

/** `first` and as many of the others, in their order, as fit beside it. */
export const fitBeside = (
  host: Room,
  first: readonly FleetModel[],
  others: readonly FleetModel[],
): readonly FleetModel[] =>
  others.reduce<readonly FleetModel[]>(
    (held, model) =>
      !held.includes(model) && fitsTogether(host, [...held, model]) ? [...held, model] : held,
    first,
  );
