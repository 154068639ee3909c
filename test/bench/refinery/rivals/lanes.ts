import { branchOf, type Lab, type LabStart, mergeable, merges, type Policy } from '../laboratory.ts';
import { halves, settled } from './landing.ts';

const batch = 8;

/** Batches whose areas do not meet run side by side and land alone, each halved when it fails. */
export const lanes = (): Policy => {
  let batches: (readonly number[])[] = [];
  return {
    name: 'lanes',
    laneRule: true,
    ended: (run) => {
      if (!run.passes) batches.unshift(...halves(run.members));
    },
    plan: (lab) => {
      const choice = settled(lab);
      if (choice !== undefined) return choice;
      const areas = (id: number): readonly number[] => branchOf(lab.world, id).areas;
      const busy = new Set([...lab.running].flatMap(({ members }) => members));
      const used = new Set([...busy].flatMap(areas));
      const isUsed = (id: number): boolean => areas(id).some((area) => used.has(area));
      const free = lab.slots - lab.running.size;
      const start: LabStart[] = [];
      const take = (members: readonly number[]): void => {
        start.push({ members });
        for (const id of members) {
          busy.add(id);
          for (const area of areas(id)) used.add(area);
        }
      };

      const kept: (readonly number[])[] = [];
      for (const old of batches) {
        const members = mergeable(
          lab,
          old.filter((id) => lab.waits[id]),
        );
        if (members.length === 0) continue;
        if (start.length < free && !members.some(isUsed)) take(members);
        else {
          kept.push(members);
          for (const id of members) busy.add(id);
        }
      }
      batches = kept;
      while (start.length < free) {
        const seed = lab.queue.find((id) => !busy.has(id) && !isUsed(id));
        if (seed === undefined) break;
        take(laneFrom(lab, seed, (id) => !busy.has(id) && !isUsed(id)));
      }
      return { start };
    },
  };
};

/** The seed with what shares its areas, and the areas of those. */
const laneFrom = (lab: Lab, seed: number, isFree: (id: number) => boolean): readonly number[] => {
  const lane = new Set([seed]);
  const areas = new Set(branchOf(lab.world, seed).areas);
  for (const id of lab.queue) {
    if (lane.size >= batch) break;
    const own = branchOf(lab.world, id).areas;
    if (lane.has(id) || !isFree(id) || !own.some((area) => areas.has(area)) || !merges(lab, id, lane))
      continue;
    lane.add(id);
    for (const area of own) areas.add(area);
  }
  return [...lane];
};
