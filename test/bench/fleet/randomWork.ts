import type { FleetModel } from '../../../workflows/domain/fleet/fleet.ts';
import type { Work, WorkStage } from './work.ts';

const minuteMs = 60_000;

const model = (key: string, unloadSeconds: number, loadSeconds: number): FleetModel => ({
  ...{ key, weights: key, context: 32_768, bytes: undefined },
  ...{ unloadMs: unloadSeconds * 1_000, loadMs: loadSeconds * 1_000 },
});
const models = [model('coder', 17.5, 22.5), model('reviewer', 17.5, 22.5), model('small', 7.5, 7.5)];

/** All that a planner knows of a call's length: its model's mean. */
const meanMs = { coder: minuteMs, reviewer: 1.3 * minuteMs, small: 0.2 * minuteMs } as const;

/** Evenly spread numbers of 0 to 1, the same for the same seed everywhere (mulberry32). */
const numbersFrom = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

interface Shape {
  readonly model: keyof typeof meanMs;
  readonly calls: number;
  /** Minutes, least and most, of a call and of a pause between two. */
  readonly call: readonly [number, number];
  readonly gap: readonly [number, number];
}

/** Beads that are coded, reviewed, reworked every third time, and summed up, some after others. */
export const randomStages = (seed: number, beads = 16): readonly WorkStage[] => {
  const next = numbersFrom(seed);
  const stages: WorkStage[] = [];
  const lastOf: string[] = [];
  for (let bead = 0; bead < beads; bead++) {
    let needs = needsOf(bead, lastOf, next);
    const add = (shape: Shape): void => {
      const id = String(stages.length);
      stages.push({ id, needs, ...callsOf(shape, next) });
      needs = [id];
    };
    add({ model: 'coder', calls: 3 + Math.floor(next() * 8), call: [0.4, 1.6], gap: [0.1, 0.6] });
    add({ model: 'reviewer', calls: 1 + Math.floor(next() * 3), call: [0.6, 2], gap: [0.05, 0.2] });
    if (next() < 0.35) {
      add({ model: 'coder', calls: 1 + Math.floor(next() * 4), call: [0.4, 1.6], gap: [0.1, 0.6] });
      add({ model: 'reviewer', calls: 1, call: [0.6, 1.5], gap: [0, 0.1] });
    }
    add({ model: 'small', calls: 1, call: [0.1, 0.3], gap: [0, 0] });
    lastOf.push(needs[0] ?? '');
  }
  return stages;
};

/** The fourth bead is the first that may wait for others, at most for two of those before it. */
const needsOf = (bead: number, lastOf: readonly string[], next: () => number): readonly string[] => {
  const needs: string[] = [];
  if (bead <= 2) return needs;
  for (let edge = 0; edge < 2; edge++) {
    if (next() >= 0.45) continue;
    const need = lastOf[Math.floor(next() * bead)] ?? '';
    if (!needs.includes(need)) needs.push(need);
  }
  return needs;
};

const callsOf = ({ model: key, calls, call, gap }: Shape, next: () => number) => ({
  model: key,
  expectedCallMs: meanMs[key],
  certain: false,
  calls: Array.from({ length: calls }, (_, index) => {
    const gapMs = index === 0 ? 0 : (gap[0] + next() * (gap[1] - gap[0])) * minuteMs;
    return { gapMs, callMs: (call[0] + next() * (call[1] - call[0])) * minuteMs };
  }),
});

/** A random fleet: the first host begins with the coder, the second with the reviewer, a third with nothing. */
export const randomWork = (of: { seed: number; hosts: number; slots: number; beads?: number }): Work => ({
  models,
  stages: randomStages(of.seed, of.beads),
  hosts: Array.from({ length: of.hosts }, (_, index) => ({
    host: `host-${index + 1}`,
    slots: of.slots,
    memory: undefined,
    serves: models.map(({ key }) => key),
    initial: [['coder'], ['reviewer']][index] ?? [],
  })),
  maxWaitMs: 60 * minuteMs,
});
