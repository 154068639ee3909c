import type { QueueState } from './queue.ts';
import { freeSlots, type Sight } from './sight.ts';

/** Failures of a branch alone that send it back. */
const enough = 2;

/** Who failed alone often enough, with the runs that say so. */
export const toReject = ({ waiting }: QueueState) =>
  waiting
    .filter(({ loneFailures }) => loneFailures.length >= enough)
    .map(({ id, loneFailures }) => ({ branch: id, runs: loneFailures.slice(-enough) }));

/** Convicts that wait since before `since` are tested alone, at most so many. */
export const startLone = (sight: Sight, since: number, most: number, atOnce = 1): void => {
  const running = new Map<number, number>();
  for (const { members } of [...sight.runs, ...sight.start]) {
    const [only = -1] = members;
    if (members.length === 1) running.set(only, (running.get(only) ?? 0) + 1);
  }
  let started = 0;
  for (let each = 1; each <= atOnce; each++) {
    for (const [id, convictedAt] of sight.convicts) {
      if (freeSlots(sight) <= 0 || started >= most) return;
      const failures = sight.byId.get(id)?.loneFailures.length ?? 0;
      if (convictedAt > since || (running.get(id) ?? 0) >= Math.min(each, enough - failures)) continue;
      running.set(id, (running.get(id) ?? 0) + 1);
      sight.start.push({ members: [id], purpose: 'lone' });
      started++;
    }
  }
};
