import { runLab } from './laboratory.ts';
import { screenConfirm } from './screenConfirm.ts';
import { worldOf } from './world.ts';

export interface PlanningTime {
  readonly world: string;
  readonly plans: number;
  readonly medianMs: number;
  readonly maxMs: number;
  readonly medianFloorMs: number;
  readonly maxFloorMs: number;
}

const branches = 2_000;
const slots = 16;
/** So many T are looked at: the queue is still long then. */
const until = 3;
const maxFloorMs = 200;

/** How long the planner thinks about one event with 2,000 branches that wait. CPU time. */
export const timePlanning = (): readonly PlanningTime[] =>
  [
    { sigma: 0.5, attribution: false, medianFloorMs: 20 },
    { sigma: 0, attribution: false, medianFloorMs: 80 },
    { sigma: 0.5, attribution: true, medianFloorMs: 80 },
    { sigma: 0, attribution: true, medianFloorMs: 80 },
  ].map(({ sigma, attribution, medianFloorMs }) => {
    const world = worldOf({ seed: 5, branches, bad: 0.05, sigma });
    const policy = screenConfirm(slots, { badShare: 0.05, flakeRate: 0, namesTests: attribution });
    const times = runLab(world, policy, { slots, until }).figures.planMs.toSorted((a, b) => a - b);
    return {
      world: `${sigma === 0 ? 'constant' : 'lognormal'} durations${attribution ? ', attribution' : ''}`,
      plans: times.length,
      medianMs: tenth(times[times.length >> 1] ?? 0),
      maxMs: tenth(times.at(-1) ?? 0),
      ...{ medianFloorMs, maxFloorMs },
    };
  });

const tenth = (ms: number): number => Math.round(ms * 10) / 10;
