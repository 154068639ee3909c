import { ApplicationFailure } from '@temporalio/common';
import type { HostKind, HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import {
  type Capabilities,
  configured,
  firstKnown,
  type HostProbe,
  measured,
  type ResidentModel,
} from '../../../workflows/domain/host/probe.ts';
import type { ChatMessage } from '../chat.ts';
import { type CountedPrompt, type CountPrompt, createPromptCounter } from '../promptCounter.ts';
import { generateOnce } from '../ready.ts';
import { createCommandDriver } from './command.ts';
import { type Access, accessTo, type Driver } from './driver.ts';
import { createLine } from './line.ts';
import { createOllamaDriver } from './ollama.ts';
import { findDriver } from './openai.ts';
import { createReconciler, defaultPatience, isUsable, type Patience } from './reconcile.ts';
import { memoryRemarks, type Remark } from './remarks.ts';

/** A model that may be called (G8). */
export interface Verified {
  /** The context that was measured; undefined when the server does not say, and the configured one is believed. */
  readonly context: number | undefined;
}

export interface Loaded extends Verified {
  /** The model as calls must name it: where only an alias carries the context, by that. */
  readonly model: ModelSettings;
  /** Bytes that it takes; undefined when the server does not say. */
  readonly bytes: number | undefined;
  /** What loading it took, and unloading what was in its way, ms; 0 when there was nothing to do. */
  readonly loadMs: number;
  readonly unloadMs: number;
  /** What a person should know although it is ready. */
  readonly remarks: readonly Remark[];
}

/**
 * What the town asks of a model server besides chat. Every method throws the failures of a model host; none
 * believes what it did a moment ago: each looks at the server. Loads and unloads of one adapter come one after the other.
 */
export interface HostAdapter {
  /** All that is known of the host now, each field with where it comes from. Loads nothing. */
  probe(signal: AbortSignal): Promise<HostProbe>;
  /** What is in memory now. */
  resident(signal: AbortSignal): Promise<readonly ResidentModel[]>;
  /**
   * Ensures that the model is in memory with the context that its entry promises, beside `keep` and what is reserved for others,
   * and that it can generate. Loads and unloads as needed, which takes minutes. `HostWedged`: it never ends.
   */
  load(model: ModelSettings, keep: readonly ModelSettings[], signal: AbortSignal): Promise<Loaded>;
  /** Whether it still is; loads nothing. Throws `ModelNotResident` when it is gone. */
  check(model: ModelSettings, signal: AbortSignal): Promise<Verified>;
  /** One token of a model that is resident: the only proof against a host that says all is well. Throws `HostWedged`. */
  prove(model: ModelSettings, signal: AbortSignal): Promise<void>;
  /** Ensures that the model is not in memory. Resolves with how long that took, ms. */
  unload(model: ModelSettings, signal: AbortSignal): Promise<number>;
  /** By the server's own tokenizer; undefined where it has none, or not now. */
  countTokens(
    model: ModelSettings,
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): Promise<CountedPrompt | undefined>;
  /** What the server can do, with this model. */
  capabilities(model: ModelSettings, signal: AbortSignal): Promise<Capabilities>;
}

export interface AdapterOptions {
  /** The town's models of this host: what else is in memory is somebody else's, and stays within `reserve`. */
  readonly own?: readonly ModelSettings[];
  readonly patience?: Partial<Patience>;
}

/** The adapter of a host by its kind; for `openai` each operation finds out by the host's answers what it is. */
export const createAdapter = (
  host: HostSettings,
  apiKey: string | undefined,
  options: AdapterOptions = {},
): HostAdapter => {
  const access = accessTo(host, apiKey);
  const patience = { ...defaultPatience, ...options.patience };
  const steps = createReconciler(access, patience);
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
      const found = await driver.resident(signal);
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
        await prove(carried, signal);
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
        return steps.remove(driver, victim, model.callTimeoutMs, signal);
      }),

    countTokens: async (model, messages, signal) => {
      const count = counters.get(model.name) ?? createPromptCounter(host, model, apiKey);
      counters.set(model.name, count);
      return count(messages, signal);
    },

    capabilities: async (model, signal) => (await driverOf(signal)).capabilities(model.name, signal),
  };
};

/** What is in memory and nobody's of the town, as far as it is within what the host keeps for others. */
const strangers = async (
  driver: Driver,
  own: readonly ModelSettings[],
  host: HostSettings,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> => {
  if (host.reserveBytes === undefined || own.length === 0) return new Set();
  // A model of ours that the host does not have is nobody's in its memory.
  const ours = await Promise.all(own.map((one) => driver.identify(one, signal).catch(() => one.name)));
  const theirs = (await driver.resident(signal)).filter(({ id }) => !ours.includes(id));
  let left = host.reserveBytes;
  const spared = theirs.filter(({ bytes: { value } }) => {
    if (value === undefined || value > left) return false;
    left -= value;
    return true;
  });
  return new Set(spared.map(({ id }) => id));
};

const stalls: readonly string[] = ['FirstTokenTimeout', 'StreamStalled', 'CallTimeout'];

const drivers: Readonly<Record<HostKind, (access: Access, signal: AbortSignal) => Promise<Driver>>> = {
  ollama: async (access) => createOllamaDriver(access),
  openai: findDriver,
  command: async (access) => createCommandDriver(access),
};
