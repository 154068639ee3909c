import { branchOf, type Choice, type Lab, type LabStart, mergeable, type Policy } from '../laboratory.ts';
import { settled } from './landing.ts';

const leastWindow = 3;

/**
 * Each branch is tested on the nearest ones ahead that do not fail; a failure cancels and re-parents all behind. The window grows
 * with each landing and is halved once by an instant with failures.
 */
export const zuul = (): Policy => {
  let window = Infinity;
  let failedNow = false;
  const failed = new Set<number>();
  const results = new Map<string, boolean>();

  /** What is to run, by its key. */
  const wantedRuns = (lab: Lab, queue: readonly number[]): Map<string, LabStart> => {
    const wanted = new Map<string, LabStart>();
    const ahead: number[] = [];
    let content = lab.main;
    for (const id of queue) {
      const own = content ^ branchOf(lab.world, id).key;
      const key = String(own >>> 0);
      // It failed together with something else, so it goes again.
      if (failed.has(id) && results.get(key) !== false) failed.delete(id);
      if (failed.has(id) && ahead.length === 0) {
        // A lone failure at the head is repeated alone; those behind go on without it.
        const again = `again ${id} ${lab.loneFailures[id]}`;
        wanted.set(again, { members: [id], head: id, key: again });
        continue;
      }
      if (!results.has(key)) wanted.set(key, { members: [...ahead, id], head: id, key });
      if (failed.has(id)) continue;
      ahead.push(id);
      content = own;
    }
    return wanted;
  };

  const moves = (lab: Lab, queue: readonly number[]): Choice => {
    const wanted = wantedRuns(lab, queue);
    const kept = new Set<string>();
    const cancel = [...lab.running].filter(({ key = '' }) => {
      if (!wanted.has(key) || kept.has(key)) return true;
      kept.add(key);
      return false;
    });
    const free = lab.slots - lab.running.size + cancel.length;
    const start = [...wanted]
      .flatMap(([key, run]) => (kept.has(key) ? [] : [run]))
      .slice(0, Math.max(0, free));
    const [head] = queue;
    if (start.length > 0 || head === undefined || lab.running.size > cancel.length) return { cancel, start };
    results.clear();
    failed.clear();
    const key = String((lab.main ^ branchOf(lab.world, head).key) >>> 0);
    return { cancel, start: [{ members: [head], head, key }] };
  };

  return {
    name: 'zuul',
    ended: ({ key = '', head = -1, passes }) => {
      results.set(key, passes);
      if (passes) failed.delete(head);
      else {
        failed.add(head);
        failedNow = true;
      }
    },
    landed: (members, _run, lab) => {
      window = Math.min(lab.slots, window + members.length);
      for (const id of members) failed.delete(id);
    },
    plan: (lab) => {
      window = Math.min(window, lab.slots);
      const choice = settled(lab);
      if (choice?.reject !== undefined) return choice;
      if (failedNow) window = Math.max(Math.min(leastWindow, lab.slots), window >> 1);
      failedNow = false;
      return choice ?? moves(lab, mergeable(lab, lab.queue, window));
    },
  };
};
