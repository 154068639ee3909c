import { isAlive } from '../../deploy/town/processes.ts';
import type { Place } from '../places.ts';
import type { Reached } from '../reach.ts';

/** Whether the town of a place is open at this moment. */
export const isOpen = async ({ record }: Pick<Place, 'record'>): Promise<boolean> => {
  const owner = record?.pids.find(({ role }) => role === 'supervisor');
  return record?.state !== 'closed' && owner !== undefined && (await isAlive(owner));
};

/** Running convoys that work on a rig. None when the town is closed: what waits in it cannot be asked. */
export const convoysOn = async (
  rig: string,
  place: Place,
  reach: () => Promise<Reached>,
): Promise<readonly string[]> => {
  if (!(await isOpen(place))) return [];
  const { client } = await reach();
  const { convoysOf } = await import('../look.ts');
  const convoys = await convoysOf(client, true);
  return convoys.filter(({ rigs }) => rigs.some((one) => one.rig === rig)).map(({ convoy }) => convoy);
};
