import { ApplicationFailure } from '@temporalio/common';
import type { HostKind, HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import {
  configured,
  firstKnown,
  measured,
  type ResidentModel,
} from '../../../workflows/domain/host/probe.ts';
import { type CountPrompt, createPromptCounter } from '../promptCounter.ts';
import { generateOnce } from '../ready.ts';
import { createCommandDriver } from './command.ts';
import { type Access, accessTo, type Driver } from './driver.ts';
import { createLine } from './line.ts';
import { createLoadTimes, type LoadTimes } from './loadTimes.ts';
import { createOllamaDriver } from './ollama.ts';
import { findDriver } from './openai.ts';
import { defaultPatience, type Patience } from './patience.ts';
import type { HostAdapter } from './port.ts';
import { createReconciler, isUsable } from './reconcile.ts';
import { memoryRemarks } from './remarks.ts';
import { strangers } from './strangers.ts';

export type { HostAdapter, Loaded, Verified } from './port.ts';

export interface AdapterOptions {
  /** The town's models of this host: what else is in memory is somebody else's, and stays within `reserve`. */
  readonly own?: readonly ModelSettings[];
  readonly patience?: Partial<Patience>;
  /** What loads there have taken, where that is to outlive the adapter. */
  readonly loads?: LoadTimes;
}

/** The adapter of a host by its kind; for `openai` each operation finds out by the host's answers what it is. */
export const createAdapter = (
  host: HostSettings,
  apiKey: string | undefined,
  options: AdapterOptions = {},
): HostAdapter => {
  const access = accessTo(host, apiKey);
  const patience = { ...defaultPatience, ...options.patience };
  const steps = createReconciler(access, patience, options.loads ?? createLoadTimes());
  const inLine = createLine();
  const counters = new Map<string, CountPrompt>();
  const driverOf = (signal: AbortSignal): Promise<Driver> => drivers[host.kind](access, signal);

  const prove = async (model: ModelSettings, signal: AbortSignal): Promise<void> => {
    const firstTokenMs = Math.min(model.firstTokenMs, patience.proveMs);
    try {
      await generateOnce(host, { ...model, firstTokenMs }, apiKey, signal);
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || !stalls.includes(error.type ?? '')) throw error;
      throw steps.wedged(`it lists ${model.name} as ready and generates nothing.`, error.message);
    }
  };

  return {
    prove,

    resident: async (signal) => (await driverOf(signal)).resident(signal),

    probe: async (signal) => {
      const driver = await driverOf(signal);
      const facts = await driver.facts(signal);
      const found = await driver.resident(signal, 'closely');
      return {
        ...facts,
        flavours: driver.flavours,
        memory: firstKnown(facts.memory, configured(host.memoryBytes, `hosts.${host.name}.memory`)),
        slots: firstKnown(facts.slots, configured(host.slots, `hosts.${host.name}.slots`)),
        resident: measured(found, host.url),
        capabilities: await driver.capabilities(found[0]?.name, signal),
      };
    },

    load: (model, keep, signal) =>
      inLine(signal, async () => {
        const driver = await driverOf(signal);
        const kept = new Set(await Promise.all(keep.map((one) => driver.identify(one, signal))));
        const strange = await strangers(driver, options.own ?? [], host, signal);
        const spared = ({ id }: ResidentModel): boolean => kept.has(id) || strange.has(id);
        let carried = (await driver.carrier?.(model, undefined, signal)) ?? model;
        let done = await steps.bring(driver, carried, spared, signal);
        const better = isUsable(done.resident, model)
          ? undefined
          : await driver.carrier?.(model, done.resident.context.value, signal);
        if (better !== undefined && better.name !== carried.name) {
          carried = better;
          const again = await steps.bring(driver, carried, spared, signal);
          done = { ...again, unloadMs: done.unloadMs + again.unloadMs };
        }
        steps.promised(carried, done.resident);
        try {
          await prove(carried, signal);
        } catch (error) {
          throw await steps.notLoaded(driver, model, error, signal);
        }
        const { loadMs, unloadMs, resident } = done;
        const remarks = memoryRemarks(host, model, resident);
        return {
          ...{ model: carried, loadMs, unloadMs, remarks },
          context: resident.context.value,
          bytes: resident.bytes.value,
        };
      }),

    check: async (model, signal) => {
      const driver = await driverOf(signal);
      const found = await steps.verify(driver, model, signal);
      // Where another name can carry it, somebody has only loaded it with less: the next load mends that.
      const better = isUsable(found, model) ? undefined : await driver.couldCarry?.(model, signal);
      if (better !== true) steps.promised(model, found);
      else throw steps.lessThan(model, found);
      return { context: found.context.value };
    },

    unload: (model, signal) =>
      inLine(signal, async () => {
        const driver = await driverOf(signal);
        const victim = { name: model.name, id: await driver.identify(model, signal) };
        return steps.remove(driver, victim, steps.unloadLimit(model), signal);
      }),

    countTokens: async (model, messages, signal) => {
      const count = counters.get(model.name) ?? createPromptCounter(host, model, apiKey);
      counters.set(model.name, count);
      return count(messages, signal);
    },

    capabilities: async (model, signal) => (await driverOf(signal)).capabilities(model.name, signal),
  };
};

const stalls: readonly string[] = ['FirstTokenTimeout', 'StreamStalled', 'CallTimeout'];

const drivers: Readonly<Record<HostKind, (access: Access, signal: AbortSignal) => Promise<Driver>>> = {
  ollama: async (access) => createOllamaDriver(access),
  openai: findDriver,
  command: async (access) => createCommandDriver(access),
};
