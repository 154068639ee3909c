import {
  type Choice,
  type Lab,
  type LabRun,
  type LabStart,
  mergeable,
  overlaps,
  type Policy,
} from '../laboratory.ts';
import { settled } from './landing.ts';

/** How many heads are looked at, and how many paths. */
const heads = 160;
const paths = 400;
/** A path that is needed less likely than this is not worth a slot. */
const leastLikely = Math.log(0.02);
const passedAlready = -0.01;

interface Path {
  readonly head: number;
  /** Overlapping branches ahead that still wait. */
  readonly ahead: readonly number[];
  /** Places in `ahead` that are taken to fail. */
  readonly without: readonly number[];
  readonly score: number;
  readonly last: number;
}

/**
 * Best-first paths of a speculation tree over overlapping branches ahead, by the chance that they are needed. It lands on the
 * independence of footprints, and knows the share of bad branches.
 */
export const submitQueue = (): Policy => {
  const dependencies = new Map<number, readonly number[]>();
  const results = new Map<string, boolean>();
  const of = (head: number): readonly number[] => dependencies.get(head) ?? [];
  const hasLanded = (lab: Lab, id: number): boolean => (lab.landedAt[id] ?? Infinity) <= lab.now;

  const isConsistent = (lab: Lab, { head = -1, set, landedAtStart }: LabRun): boolean => {
    for (const id of of(head)) {
      const inside = set.has(id);
      if (hasLanded(lab, id) && !inside) return landedAtStart?.has(id) ?? false;
      if (!hasLanded(lab, id) && !lab.waits[id] && inside) return false;
    }
    return true;
  };

  const startsOf = (lab: Lab, kept: readonly LabRun[]): readonly LabStart[] => {
    const share = Math.max(lab.world.badShare, 1e-3);
    const passed = new Set(lab.passed.map(({ head }) => head));
    const success = (id: number): number => (passed.has(id) ? passedAlready : Math.log(1 - share));
    const heap: Path[] = lab.queue.slice(0, heads).map((head) => {
      const ahead = of(head).filter((id) => lab.waits[id]);
      return { head, ahead, without: [], score: ahead.reduce((sum, id) => sum + success(id), 0), last: -1 };
    });
    const taken = new Set(kept.map(({ key }) => key));
    const start: LabStart[] = [];
    for (let looked = 0; start.length < lab.slots - kept.length && looked < paths; looked++) {
      const path = takeBest(heap);
      if (path === undefined || path.score < leastLikely) break;
      const { head, ahead, without } = path;
      const members = [...ahead.filter((_, at) => !without.includes(at)), head];
      const landed = of(head).filter((id) => hasLanded(lab, id));
      const alone = members.length === 1 ? `#${lab.loneFailures[head]}` : '';
      const key = `${head}:${[...landed, ...members].sort((a, b) => a - b).join()}${alone}`;
      if (!taken.has(key) && !results.has(key) && mergeable(lab, members).length === members.length) {
        taken.add(key);
        start.push({ members, head, key, landedAtStart: new Set(landed) });
      }
      if (without.length >= 2) continue;
      for (let at = path.last + 1; at < ahead.length; at++) {
        const score = path.score - success(ahead[at] ?? -1) + Math.log(share);
        heap.push({ ...path, without: [...without, at], score, last: at });
      }
    }
    return start;
  };

  const moves = (lab: Lab): Choice => {
    for (const head of lab.queue.slice(0, heads)) {
      if (dependencies.has(head)) continue;
      dependencies.set(
        head,
        lab.queue.filter((id) => id < head && overlaps(lab, id, head)),
      );
    }
    const mayLand = (run: LabRun): boolean => lab.waits[run.head ?? -1] === 1 && isConsistent(lab, run);
    const land = lab.passed.find((run) => mayLand(run) && of(run.head ?? -1).every((id) => !lab.waits[id]));
    if (land !== undefined) return { land };
    lab.passed = lab.passed.filter(mayLand);
    const cancel = [...lab.running].filter((run) => !mayLand(run));
    return {
      cancel,
      start: startsOf(
        lab,
        [...lab.running].filter((run) => !cancel.includes(run)),
      ),
    };
  };

  return {
    name: 'submit-queue',
    laneRule: true,
    ended: ({ key = '', passes }) => void results.set(key, passes),
    plan: (lab) => {
      const choice = settled(lab);
      return choice?.reject === undefined ? moves(lab) : choice;
    },
  };
};

const takeBest = (heap: Path[]): Path | undefined => {
  let best = 0;
  heap.forEach((path, at) => {
    if (path.score > (heap[best]?.score ?? 0) + 1e-12) best = at;
  });
  const found = heap[best];
  const last = heap.pop();
  if (last !== undefined && found !== last) heap[best] = last;
  return found;
};
