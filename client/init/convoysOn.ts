import { isOpen } from '../../deploy/town/owner.ts';
import type { Place } from '../places.ts';
import type { Reached } from '../reach.ts';

/** Running convoys that work on a rig. None when the town is closed: what waits in it cannot be asked. */
export const convoysOn = async (
  rig: string,
  place: Place,
  reach: () => Promise<Reached>,
): Promise<readonly string[]> => {
  if (!(await isOpen(place.record))) return [];
  const { client } = await reach();
  const { convoysOf } = await import('../look.ts');
  const convoys = await convoysOf(client, true);
  return convoys.filter(({ rigs }) => rigs.some((one) => one.rig === rig)).map(({ convoy }) => convoy);
};
