import type { Problem } from './problem.ts';
import type { Residency } from './residency.ts';

/** Where a stage stands. */
export const phases = { coming: 0, ready: 1, running: 2, gap: 3, ended: 4 } as const;

/** The fleet at one moment of a simulation. Everything in it is an array, so that a copy costs next to nothing. */
export interface World {
  now: number;
  /** Which of the courses that things may take this is; 0: everything takes its mean. */
  draw: number;
  /** Stages that have not ended. */
  open: number;
  swaps: number;
  /** The sum of the moments at which stages have ended. */
  ended: number;
  /** By stage: where it stands (`phases`), calls left, needs left. */
  readonly phase: Uint8Array;
  readonly calls: Int32Array;
  readonly needs: Int32Array;
  /** The host that a stage's call runs on, and the resident model that serves it; -1 for none. */
  readonly runsOn: Int16Array;
  readonly runsBy: Int16Array;
  /** Upward rank of a call that waits. */
  readonly rank: Float64Array;
  /** By model: how many calls wait, what they take together, how many stages pause, and what all stages to come take. */
  readonly waiting: Int32Array;
  readonly waitingMs: Float64Array;
  readonly pausing: Int32Array;
  readonly leftMs: Float64Array;
  /** Heaps of waiting stages, by rank; those of a model begin at `problem.queueAt`. */
  readonly queues: Int32Array;
  /** By host: free slots, the residency's number, the one that it changes to (-1: none) and, 1, whether that has drained. */
  readonly free: Int32Array;
  readonly holds: Int32Array;
  readonly becomes: Int32Array;
  readonly changing: Uint8Array;
  /** By host and model: calls that a resident model serves there. */
  readonly serving: Int32Array;
  /** When the next event of a stage or, after these, of a host comes; and a heap of those that have one. */
  readonly due: Float64Array;
  readonly events: Int32Array;
  eventCount: number;
}

export const emptyWorld = ({ stages, models, hosts }: Problem): World => {
  const [s, m, h] = [stages.length, models.length, hosts.length];
  return {
    ...{ now: 0, draw: 0, open: 0, swaps: 0, ended: 0, eventCount: 0 },
    ...{
      phase: new Uint8Array(s),
      calls: new Int32Array(s),
      needs: new Int32Array(s),
      rank: new Float64Array(s),
    },
    ...{ runsOn: new Int16Array(s).fill(-1), runsBy: new Int16Array(s).fill(-1) },
    ...{ waiting: new Int32Array(m), waitingMs: new Float64Array(m), pausing: new Int32Array(m) },
    ...{ leftMs: new Float64Array(m), queues: new Int32Array(s) },
    ...{ free: new Int32Array(h), holds: new Int32Array(h), becomes: new Int32Array(h).fill(-1) },
    ...{ changing: new Uint8Array(h), serving: new Int32Array(h * m) },
    ...{ due: new Float64Array(s + h), events: new Int32Array(s + h) },
  };
};

const arrays = [
  ...([
    'phase',
    'calls',
    'needs',
    'runsOn',
    'runsBy',
    'rank',
    'waiting',
    'waitingMs',
    'pausing',
    'leftMs',
  ] as const),
  ...(['queues', 'free', 'holds', 'becomes', 'changing', 'serving', 'due', 'events'] as const),
] as const;

/** Makes one world what another is. Both are of the same problem. */
export const copyWorld = (from: World, to: World): void => {
  to.now = from.now;
  to.draw = from.draw;
  to.open = from.open;
  to.swaps = from.swaps;
  to.ended = from.ended;
  to.eventCount = from.eventCount;
  for (const name of arrays) to[name].set(from[name] as never);
};

/** The residency that a host's number stands for. */
export const residencyAt = (problem: Problem, host: number, id: number): Residency =>
  (problem.hosts[host] as Problem['hosts'][number]).residencies.all[id] as Residency;
