import { setTimeout as delay } from 'node:timers/promises';

export interface ModelScript {
  /** Tokens of context that one request gets. */
  readonly context: number;
  /** Aliases with the same weights share memory. Default: the model's name. */
  readonly weights?: string;
  readonly loadMs?: number;
  readonly unloadMs?: number;
}

interface Loaded {
  readonly name: string;
  readonly weights: string;
  readonly context: number;
  holds: number;
  leaving: boolean;
  free: (() => void)[];
}

export interface Residency {
  readonly find: (name: string) => ModelScript | undefined;
  readonly names: () => readonly string[];
  readonly resident: () => readonly string[];
  readonly list: () => readonly { readonly name: string; readonly context: number }[];
  readonly isResident: (name: string) => boolean;
  /** Evicts others when memory is full, then loads; a busy victim is finished first. */
  readonly load: (name: string) => Promise<void>;
  /** Starts to unload; a busy model is finished first. */
  readonly unload: (name: string) => void;
  /** A call under way; returns its end. */
  readonly hold: (name: string) => () => void;
  readonly create: (name: string, model: ModelScript) => void;
  /** What another client of the server does: the model is gone at once. */
  readonly evict: (name: string) => void;
}

interface Options {
  readonly preloaded: boolean;
  readonly maxLoaded: number;
  readonly note: (event: 'load' | 'loaded' | 'unload' | 'unloaded' | 'evicted', model: string) => void;
}

const bare = (name: string): string => name.replace(/:latest$/, '');

/** The memory of a scripted host: which models are in it, with the habits of Ollama's scheduler. */
export const createResidency = (
  scripts: Readonly<Record<string, ModelScript>>,
  options: Options,
): Residency => {
  const models = new Map(Object.entries(scripts));
  const memory: Loaded[] = [];
  let line: Promise<unknown> = Promise.resolve();

  const weightsOf = (name: string): string => models.get(name)?.weights ?? name;
  const entry = (name: string): Loaded | undefined => {
    const model = models.get(bare(name));
    return memory.find(
      (one) => one.weights === weightsOf(bare(name)) && one.context === model?.context && !one.leaving,
    );
  };
  const remove = async (victim: Loaded, event: 'unloaded' | 'evicted'): Promise<void> => {
    if (victim.leaving) return;
    victim.leaving = true;
    while (victim.holds > 0) await new Promise<void>((resolve) => victim.free.push(resolve));
    await delay(models.get(victim.name)?.unloadMs ?? 0);
    const at = memory.indexOf(victim);
    if (at >= 0) memory.splice(at, 1);
    options.note(event, victim.name);
  };
  const loadNow = async (name: string): Promise<void> => {
    if (entry(name) !== undefined) return;
    const model = models.get(name);
    if (model === undefined) return;
    const same = memory.find((one) => one.weights === weightsOf(name));
    if (same !== undefined) await remove(same, 'evicted');
    while (memory.length >= options.maxLoaded) {
      const victim = memory.find((one) => !one.leaving);
      if (victim === undefined) await delay(1);
      else await remove(victim, 'evicted');
    }
    options.note('load', name);
    await delay(model.loadMs ?? 0);
    memory.push({
      name,
      weights: weightsOf(name),
      context: model.context,
      holds: 0,
      leaving: false,
      free: [],
    });
    options.note('loaded', name);
  };

  const load = (name: string): Promise<void> => {
    const done = line.then(() => loadNow(bare(name)));
    line = done;
    return done;
  };
  if (options.preloaded) {
    for (const [name, model] of models) {
      memory.push({
        name,
        weights: weightsOf(name),
        context: model.context,
        holds: 0,
        leaving: false,
        free: [],
      });
    }
  }

  return {
    find: (name) => models.get(bare(name)),
    names: () => [...models.keys()],
    resident: () => memory.map((one) => one.name),
    list: () => memory.map(({ name, context }) => ({ name, context })),
    isResident: (name) => entry(name) !== undefined,
    load,
    unload: (name) => {
      const victim = memory.find((one) => one.weights === weightsOf(bare(name)));
      if (victim === undefined) return;
      options.note('unload', victim.name);
      void remove(victim, 'unloaded');
    },
    hold: (name) => {
      const held = entry(name);
      if (held === undefined) return () => undefined;
      held.holds += 1;
      return () => {
        held.holds -= 1;
        if (held.holds === 0) for (const free of held.free.splice(0)) free();
      };
    },
    create: (name, model) => {
      models.set(bare(name), model);
    },
    evict: (name) => {
      const at = memory.findIndex((one) => one.name === bare(name));
      if (at >= 0) memory.splice(at, 1);
      options.note('evicted', name);
    },
  };
};
