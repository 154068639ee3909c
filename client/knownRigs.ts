import { configAt, type Place } from './places.ts';
import { unknownName } from './unknownName.ts';

/** Throws `NotFound` (exit 2) for a rig (repository) that the configuration does not have; without one all are taken. */
export const assertRig = async (place: Place, rig: string): Promise<void> => {
  const rigs = (await configAt(place))?.rigs.map(({ name }) => name);
  if (rigs === undefined || rigs.includes(rig)) return;
  throw unknownName({ noun: 'rig', name: rig, known: rigs, see: 'gt rig list', where: 'gastown.yaml' });
};
