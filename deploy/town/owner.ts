import { isAlive, type ProcessMark } from './processes.ts';
import type { TownRecord } from './record.ts';

/** The supervisor that a record names: whoever is it has the town open. */
export const ownerOf = (record: TownRecord | undefined): ProcessMark | undefined =>
  record?.pids.find(({ role }) => role === 'supervisor');

/** The supervisor of an open town; undefined when the town was closed, or died. */
export const liveOwner = async (record: TownRecord | undefined): Promise<ProcessMark | undefined> => {
  const owner = ownerOf(record);
  return record?.state !== 'closed' && owner !== undefined && (await isAlive(owner)) ? owner : undefined;
};

/** Whether the town of a record is open: its supervisor lives. */
export const isOpen = async (record: TownRecord | undefined): Promise<boolean> =>
  (await liveOwner(record)) !== undefined;

/** Whether the town keeps a Temporal server of its own; else it works on somebody's cluster. */
export const hasOwnServer = ({ pids }: Pick<TownRecord, 'pids'>): boolean =>
  pids.some(({ role }) => role === 'server');
