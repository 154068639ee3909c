/** What calls and swaps took, learned from what hosts report: moving means, a newer sample weighs a quarter. */
import { callRoles } from '../host/callRole.ts';
import type { HostReport, HostSwap } from './hostReport.ts';

/** A moving mean, ms, and how far samples lie about it. */
export interface Lesson {
  readonly mean: number;
  readonly samples: number;
  /** Mean square distance, ms²; lessons of older runs have none. */
  readonly variance?: number;
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

/**
 * Means of fewer samples are plain. The variance moves with the mean (Welford's step with a weight: West, Comm. ACM 22(9), 1979).
 */
export const learn = (before: Lesson | undefined, ms: number): Lesson => {
  const samples = (before?.samples ?? 0) + 1;
  const mean = before?.mean ?? ms;
  const share = Math.max(weight, 1 / samples);
  const step = (ms - mean) * share;
  return {
    ...{ mean: mean + step, samples },
    variance: (1 - share) * ((before?.variance ?? 0) + (ms - mean) * step),
  };
};

/** Samples of which a spread, or a comparison of two hosts, may be made. */
const enough = 4;
/** Nothing is ever certain: a plan that believes so takes the luck of one course for a gain. */
const leastSpread = 0.05;

/** How far calls spread about their mean, as a share of it (standard deviation); undefined: too few were seen. */
export const spreadOf = (lesson: Lesson | undefined): number | undefined =>
  lesson?.variance === undefined || lesson.samples < enough || lesson.mean <= 0
    ? undefined
    : Math.min(1, Math.max(leastSpread, Math.sqrt(lesson.variance) / lesson.mean));

const widestPace = 8;

/** How long calls of a model take on a host, as a share of what they take everywhere; undefined: too few were seen there. */
export const paceOf = ({ calls }: Lessons, model: string, host: string): number | undefined => {
  const roles = callRoles.filter((role) => (calls[`${model}/${role}/${host}`]?.samples ?? 0) >= enough);
  const paces = roles.flatMap((role) => {
    const [here, everywhere] = [calls[`${model}/${role}/${host}`], calls[`${model}/${role}`]];
    return here === undefined || everywhere === undefined || everywhere.mean <= 0
      ? []
      : [{ pace: here.mean / everywhere.mean, samples: here.samples }];
  });
  const samples = paces.reduce((sum, one) => sum + one.samples, 0);
  if (samples === 0) return;
  const pace = paces.reduce((sum, one) => sum + (one.pace * one.samples) / samples, 0);
  return Math.min(widestPace, Math.max(1 / widestPace, pace));
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
