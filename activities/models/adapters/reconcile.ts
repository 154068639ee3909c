import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { duration } from '../../../workflows/domain/amounts.ts';
import { hostWedged, loadFailed, notResident } from '../../../workflows/domain/host/hostTrouble.ts';
import type { ModelSettings } from '../../../workflows/domain/host/model.ts';
import type { ResidentModel } from '../../../workflows/domain/host/probe.ts';
import { textIn } from '../../../workflows/domain/queue/foreign.ts';
import { fail } from '../../failure.ts';
import { contextTooSmall, isOfType } from '../answers.ts';
import type { Access, Driver } from './driver.ts';
import type { LoadTimes } from './loadTimes.ts';
import type { Patience } from './patience.ts';

/** What was done to have a model in memory. */
export interface Brought {
  readonly resident: ResidentModel;
  /** What took so long; 0 when nothing had to be done. */
  readonly loadMs: number;
  readonly unloadMs: number;
}

/** Makes what a host holds what the town wants: looks, tells, and looks again until the host says that it is so. */
export const createReconciler = ({ host }: Access, patience: Patience, loads: LoadTimes) => {
  /** Calls `look` until it gives something; undefined when the time is over. */
  const until = async <T>(
    limitMs: number,
    signal: AbortSignal,
    look: () => Promise<T | undefined>,
  ): Promise<T | undefined> => {
    const end = performance.now() + limitMs;
    for (let pause = patience.pollMs; ; pause = Math.min(pause * 1.3, patience.pollMaxMs)) {
      const found = await look();
      if (found !== undefined) return found;
      if (performance.now() + pause > end) return;
      await delay(pause, undefined, { signal });
    }
  };

  /** Ensures that none of these weights is in memory. A busy model ends its work first, where the server waits for that. */
  const remove = async (
    driver: Driver,
    victim: Pick<ResidentModel, 'name' | 'id'>,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<number> => {
    if (driver.unload === undefined) return 0;
    const started = performance.now();
    let told = Number.NEGATIVE_INFINITY;
    const gone = await until(limitMs, signal, async () => {
      const found = (await driver.resident(signal)).filter(({ id }) => id === victim.id);
      if (found.every(({ state }) => state === 'sleeping')) return true;
      if (performance.now() - told >= patience.againMs) {
        for (const one of found) await driver.unload?.(one, signal);
        told = performance.now();
      }
      return;
    });
    if (gone === true) return performance.now() - started;
    throw wedged(`it did not unload ${victim.name}.`, `told to, it still held it after ${duration(limitMs)}`);
  };

  /** Ensures that the model is loaded; has only one load under way, and nothing else asked of the host meanwhile. */
  const bring = async (
    driver: Driver,
    model: ModelSettings,
    spared: (resident: ResidentModel) => boolean,
    signal: AbortSignal,
  ): Promise<Brought> => {
    const id = await driver.identify(model, signal);
    const limitMs = loads.bound(model, patience);
    let unloadMs = 0;
    for (const one of await driver.resident(signal)) {
      if (one.id === id ? isUsable(one, model) || one.state === 'loading' : spared(one)) continue;
      if (one.state !== 'sleeping') unloadMs += await remove(driver, one, unloadLimit(model), signal);
    }
    const present = (await driver.resident(signal)).find((one) => one.id === id);
    const started = performance.now();
    try {
      await driver.load?.(model, { present, limitMs }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (performance.now() - started < limitMs) throw await notLoaded(driver, model, error, signal);
      throw endless(model, `it has been loading ${model.name} for ${duration(limitMs)}.`, evidenceOf(error));
    }
    const resident = await until(Math.max(limitMs - (performance.now() - started), 1), signal, async () => {
      const found = (await driver.resident(signal, 'closely')).find((one) => one.id === id);
      if (found === undefined && driver.load === undefined) throw absent(model, 'it is not listed');
      return found !== undefined && isReady(found) ? found : undefined;
    });
    if (resident === undefined)
      throw endless(
        model,
        `it did not get ${model.name} into memory.`,
        `asked to load it, it did not list it as ready after ${duration(limitMs)}`,
      );
    const loadMs = present !== undefined && isReady(present) ? 0 : performance.now() - started;
    if (loadMs > 0) loads.took(model, loadMs);
    return { resident, unloadMs, loadMs };
  };

  /** A load that is given up, so that the host goes on with another model. */
  const endless = (model: ModelSettings, what: string, evidence: string): ApplicationFailure => {
    loads.missed(model);
    const longest = loads.longest(model);
    const seen = longest === undefined ? '' : `; the longest load of it took ${duration(longest)}`;
    const { next, ...told } = hostWedged(host, what, `${host.url}: ${evidence}${seen}`);
    const slow = `If it is only slow to load, set models.${model.key}.loadTime to what it takes.`;
    return fail(told.type, { ...told, next: `${next} ${slow}` });
  };

  /** A host that answers, and could not load one model, is not down: its other models can be had. */
  const notLoaded = async (
    driver: Driver,
    model: ModelSettings,
    error: unknown,
    signal: AbortSignal,
  ): Promise<unknown> => {
    if (!isOfType(error, 'HostDown')) return error;
    const answers = await driver.resident(signal).then(
      () => true,
      () => false,
    );
    return answers ? fail('ModelNotResident', loadFailed(host, model, evidenceOf(error))) : error;
  };

  const absent = (model: ModelSettings, evidence: string): ApplicationFailure => {
    const told = notResident(host, model, `${host.url}: ${evidence}`);
    return fail(told.type, told);
  };

  const wedged = (what: string, evidence: string): ApplicationFailure => {
    const told = hostWedged(host, what, `${host.url}: ${evidence}`);
    return fail(told.type, told);
  };

  const unloadLimit = ({ callTimeoutMs }: ModelSettings): number =>
    Math.min(callTimeoutMs, patience.unloadMs);

  return {
    remove,
    unloadLimit,
    bring,
    notLoaded,
    wedged,

    /** It is resident, but with less context than the host can give it. */
    lessThan: (model: ModelSettings, { name, context }: ResidentModel): ApplicationFailure =>
      absent(
        model,
        `${context.by}: ${name} has ${context.value} tokens, ${model.context} are promised; somebody has loaded it so`,
      ),

    /** What the host holds of the model, when that is what calls need. Throws what is in the way. */
    verify: async (driver: Driver, model: ModelSettings, signal: AbortSignal): Promise<ResidentModel> => {
      const id = await driver.identify(model, signal);
      const found = (await driver.resident(signal)).find((one) => one.id === id);
      if (found === undefined)
        throw absent(model, `${driver.flavours.join(', ')} does not list it as resident`);
      if (!isReady(found)) throw absent(model, `${found.context.by || found.name}: ${found.state}`);
      return found;
    },

    /** Throws when one request does not get the context that the model's entry promises. */
    promised: (model: ModelSettings, found: ResidentModel): void => {
      const { value: context, by } = found.context;
      if (context === undefined || context >= model.context) return;
      const words = `${by}: ${found.name} has ${context} tokens a request`;
      throw contextTooSmall({ host, model, url: by }, context, words);
    },
  };
};

export type Reconciler = ReturnType<typeof createReconciler>;

export const isReady = ({ state }: ResidentModel): boolean => state === 'ready' || state === 'present';

export const isUsable = (one: ResidentModel, model: ModelSettings): boolean =>
  isReady(one) && (one.context.value === undefined || one.context.value >= model.context);

const evidenceOf = (error: unknown): string => {
  if (!(error instanceof ApplicationFailure)) return String(error);
  const [details] = error.details ?? [];
  return textIn(details, 'evidence') ?? error.message;
};
