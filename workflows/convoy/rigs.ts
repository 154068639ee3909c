import type { OpenedRig } from '../domain/rig.ts';
import { rigActivities } from '../proxies.ts';
import type { ConvoyDesk } from './desk.ts';

/** Opens every rig that the convoy works on; the first that is unusable fails the convoy before anything is started. */
export const openRigs = async ({ input }: ConvoyDesk): Promise<ReadonlyMap<string, OpenedRig>> => {
  const { convoy, planHash, settings } = input;
  const names = [...new Set(input.epics.map(({ rig }) => rig))];
  const opened = await Promise.all(
    names.map((rig) =>
      rigActivities({ rig, place: settings.place, convoy }, settings.pace).openRig.executeWithOptions(
        { summary: `open ${rig}` },
        [{ rig, convoy, planHash }],
      ),
    ),
  );
  return new Map(opened.map((rig) => [rig.rig, rig]));
};
