import type { Stage } from './fleet.ts';
import { usualSpread } from './lengths.ts';
import { upwardRanks } from './ranks.ts';

/** What stages are made of and what waits for them, in arrays by stage. */
export interface StageGraph {
  /** By stage: its model; -1 for one that is not the fleet's, whose calls run elsewhere and wait for nobody. */
  readonly modelOf: Int16Array;
  /** Where the queue of each model begins among those of all. */
  readonly queueAt: Int32Array;
  readonly calls: Int32Array;
  readonly callMs: Float64Array;
  readonly gapMs: Float64Array;
  readonly spread: Float64Array;
  /** How many of its needs have not ended. */
  readonly needs: Int32Array;
  readonly successors: readonly Int32Array[];
  /** The longest way through what follows a stage. */
  readonly after: Float64Array;
}

/** What somebody's call is taken for that nobody has reported a stage of. */
const strangerMs = 60_000;

/** The graph of the stages that are known, and behind them those that only run: somebody's, of whom nobody has told. */
export const stageGraph = (seen: readonly Stage[], modelOf: Int16Array, models: number): StageGraph => {
  const count = modelOf.length;
  const ranks = upwardRanks(seen);
  const indexOf = new Map(seen.map(({ id }, index) => [id, index]));
  const successors: number[][] = Array.from({ length: count }, () => []);
  const needs = new Int32Array(count);
  const after = new Float64Array(count);
  seen.forEach(({ id, needs: ids, state }, index) => {
    after[index] = 0;
    if (state !== 'coming') return;
    for (const need of new Set(ids)) {
      const at = indexOf.get(need);
      if (at === undefined || need === id) continue;
      successors[at]?.push(index);
      needs[index] = (needs[index] ?? 0) + 1;
    }
  });
  successors.forEach((following, index) => {
    for (const next of following) {
      after[index] = Math.max(after[index] ?? 0, ranks.get(seen[next]?.id ?? '') ?? 0);
    }
  });
  const of = (value: (stage: Stage) => number): number[] => seen.map(value);
  const padded = <T extends Int32Array | Float64Array>(array: T, values: number[], rest: number): T => {
    array.fill(rest);
    array.set(values);
    return array;
  };
  return {
    ...{ modelOf, queueAt: queueStarts(modelOf, models) },
    calls: padded(
      new Int32Array(count),
      of(({ calls }) => Math.max(1, calls)),
      1,
    ),
    callMs: padded(
      new Float64Array(count),
      of(({ callMs }) => Math.max(1, callMs)),
      strangerMs,
    ),
    spread: padded(
      new Float64Array(count),
      of(({ spread }) => spread ?? usualSpread),
      usualSpread,
    ),
    gapMs: padded(
      new Float64Array(count),
      of(({ gapMs }) => Math.max(0, gapMs)),
      0,
    ),
    needs,
    successors: successors.map((list) => Int32Array.from(list)),
    after,
  };
};

const queueStarts = (modelOf: Int16Array, models: number): Int32Array => {
  const starts = new Int32Array(models + 1);
  for (const model of modelOf) if (model >= 0) starts[model + 1] = (starts[model + 1] as number) + 1;
  for (let model = 1; model <= models; model++) {
    starts[model] = (starts[model] as number) + (starts[model - 1] as number);
  }
  return starts;
};
