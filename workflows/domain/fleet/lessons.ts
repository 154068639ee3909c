/** What calls and swaps took, learned from what hosts report: moving means, a newer sample weighs a quarter. */
import type { HostReport, HostSwap } from './hostReport.ts';

/** A moving mean, ms. */
export interface Lesson {
  readonly mean: number;
  readonly samples: number;
}

export interface Lessons {
  /** One call, by `model/role/host`, and by `model/role` over all hosts. */
  readonly calls: Readonly<Record<string, Lesson>>;
  /** Bringing one model in, and out, by `model/host`. */
  readonly loads: Readonly<Record<string, Lesson>>;
  readonly unloads: Readonly<Record<string, Lesson>>;
  /** What a model was seen to take of a host's memory, bytes: the most. */
  readonly bytes?: Readonly<Record<string, number>>;
}

export const noLessons: Lessons = { calls: {}, loads: {}, unloads: {} };

const weight = 0.25;

/** Means of fewer samples are plain. */
export const learn = (before: Lesson | undefined, ms: number): Lesson => {
  const samples = (before?.samples ?? 0) + 1;
  const mean = before?.mean ?? ms;
  return { mean: mean + (ms - mean) * Math.max(weight, 1 / samples), samples };
};

export const learnCalls = (lessons: Lessons, host: string, ended: HostReport['ended']): Lessons => {
  const calls = { ...lessons.calls };
  for (const { model, role, ms, failed } of ended) {
    // One that was cut says nothing of how long one takes.
    if (failed) continue;
    for (const key of [`${model}/${role}/${host}`, `${model}/${role}`]) calls[key] = learn(calls[key], ms);
  }
  return { ...lessons, calls };
};

export const learnSwap = (lessons: Lessons, host: string, swap: HostSwap): Lessons => {
  if (swap.failed) return lessons;
  const out = swap.from.filter((model) => !swap.to.includes(model));
  const into = swap.to.filter((model) => !swap.from.includes(model));
  return {
    ...lessons,
    unloads: shared(lessons.unloads, host, out, swap.unloadMs),
    loads: shared(lessons.loads, host, into, swap.loadMs),
  };
};

/** Other hosts may hold it in another way: what it takes at most is safe everywhere. */
export const learnSizes = (lessons: Lessons, sizes: HostReport['sizes'] = []): Lessons => {
  const bytes = { ...lessons.bytes };
  for (const { model, bytes: seen } of sizes) bytes[model] = Math.max(bytes[model] ?? 0, seen);
  return { ...lessons, bytes };
};

/** Several models that went together share the time. */
const shared = (
  known: Lessons['loads'],
  host: string,
  models: readonly string[],
  ms: number,
): Lessons['loads'] => {
  const next = { ...known };
  for (const model of models) {
    const key = `${model}/${host}`;
    next[key] = learn(next[key], ms / models.length);
  }
  return next;
};
