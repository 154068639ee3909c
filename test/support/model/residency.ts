import type { Clock } from './clock.ts';
import type { Manners } from './manners.ts';
import type { HostEvent } from './timeline.ts';

export interface ModelScript {
  /** Tokens of context that one request gets. */
  readonly context: number;
  /** Aliases with the same weights share memory. Default: the model's name. */
  readonly weights?: string;
  readonly loadMs?: number;
  readonly unloadMs?: number;
  /** What it takes of the host's memory; default 0. */
  readonly bytes?: number;
  /** Tokens that it was made for: an alias gets no more. Default 131,072. */
  readonly trained?: number;
  /** Calls of it at once; default: as many as the host has slots. */
  readonly slots?: number;
  /** From a slot to the first token, and from token to token. */
  readonly ttftMs?: number;
  readonly tokenMs?: number;
}

/** A model in memory, as a server would list it. */
export interface Resident {
  readonly name: string;
  readonly weights: string;
  readonly context: number;
  readonly bytes: number;
  readonly state: 'loading' | 'ready' | 'leaving';
  /** Whether somebody has asked that it stays. */
  readonly kept: boolean;
}

interface Loaded {
  readonly name: string;
  readonly weights: string;
  readonly context: number;
  readonly bytes: number;
  state: Resident['state'];
  kept: boolean;
  dead: boolean;
  /** Why it is to go as soon as nobody uses it. */
  marked: 'unloaded' | 'evicted' | undefined;
  readonly users: Set<() => void>;
  readonly gone: PromiseWithResolvers<void>;
}

/** How somebody wants a model. */
export interface Want {
  /** Ends the wait; a load that is under way for it ends too. */
  readonly signal?: AbortSignal;
  /** `keep_alive`: it stays, and an eviction that waits for it is called off. */
  readonly keep?: boolean;
  /** Called when the model is killed under the call. */
  readonly killed?: () => void;
}

export interface Residency {
  readonly find: (name: string) => ModelScript | undefined;
  readonly names: () => readonly string[];
  readonly resident: () => readonly string[];
  readonly list: () => readonly Resident[];
  readonly inUse: () => number;
  readonly stateOf: (name: string) => 'unloaded' | 'loading' | 'loaded' | 'leaving';
  readonly isResident: (name: string) => boolean;
  /** Waiting calls for models that are not resident. */
  readonly waiting: () => number;
  /** A call's right to its model, loaded for it if need be; undefined when the signal came first. Returns its end. */
  readonly use: (name: string, want?: Want) => Promise<(() => void) | undefined>;
  /** Evicts others when memory is full, then loads; a busy victim is finished first. */
  readonly load: (name: string, want?: Want) => Promise<void>;
  /** Starts to unload, and resolves when it is gone; a busy model is finished first. */
  readonly unload: (name: string) => Promise<void>;
  readonly create: (name: string, model: ModelScript) => void;
  /** What another client of the server does: the model is gone at once. */
  readonly evict: (name: string) => void;
  /** What another client does: this model, and no other, is in memory from now on. */
  readonly replaceBy: (name: string) => void;
  /** Its process ends by itself; calls of it are cut. */
  readonly kill: (name: string) => void;
}

interface Options {
  readonly loaded: readonly string[];
  readonly maxLoaded: number;
  /** Bytes; more than fits is loaded all the same when nothing else is there. */
  readonly memory: number;
  /** How long a busy model may go on before it is killed, where servers do that. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly manners: () => Manners;
  readonly note: (event: HostEvent['event'], model: string) => void;
}

export const bare = (name: string): string => name.replace(/:latest$/, '');

/** The memory of a scripted host: which models are in it, and who waits for what, with the habits of real schedulers. */
export const createResidency = (
  scripts: Readonly<Record<string, ModelScript>>,
  options: Options,
): Residency => {
  const { clock, manners, note } = options;
  const models = new Map(Object.entries(scripts));
  const memory: Loaded[] = [];
  const pending: { readonly name: string; readonly want: Want; readonly go: (end?: () => void) => void }[] =
    [];
  let pumping = false;

  const weightsOf = (name: string): string => models.get(name)?.weights ?? name;
  const inUse = (): number => memory.reduce((sum, { bytes }) => sum + bytes, 0);
  const byWeights = (name: string): Loaded | undefined =>
    memory.find((one) => one.weights === weightsOf(name) && one.state !== 'leaving');
  /** The one that would answer a call of this name, without a load. */
  const entry = (name: string): Loaded | undefined => {
    const found = byWeights(name);
    return found?.state === 'ready' && !found.dead && found.context === models.get(name)?.context
      ? found
      : undefined;
  };
  const put = (name: string, model: ModelScript, state: Loaded['state'], kept: boolean): Loaded => {
    const made: Loaded = {
      ...{ name, weights: weightsOf(name), context: model.context, bytes: model.bytes ?? 0 },
      ...{ state, kept, dead: false, marked: undefined, users: new Set() },
      gone: Promise.withResolvers<void>(),
    };
    memory.push(made);
    return made;
  };
  const drop = (one: Loaded): void => {
    const at = memory.indexOf(one);
    if (at >= 0) memory.splice(at, 1);
    one.gone.resolve();
  };

  const settle = async (one: Loaded): Promise<void> => {
    if (one.marked === undefined || one.users.size > 0 || one.state !== 'ready') return;
    one.state = 'leaving';
    note('leaving', one.name);
    await clock.pause(models.get(one.name)?.unloadMs ?? 0);
    if (!memory.includes(one)) return;
    drop(one);
    note(one.marked, one.name);
  };
  const mark = (one: Loaded, why: 'unloaded' | 'evicted'): void => {
    if (one.marked !== undefined && why === 'evicted') return;
    one.marked = why;
    note(why === 'unloaded' ? 'unload' : 'evict', one.name);
    // Only an unload by word of the client ends calls by force; an eviction waits for them.
    if (why === 'unloaded' && manners().killsBusy && one.users.size > 0)
      void clock.pause(options.graceMs).then(() => {
        for (const killed of [...one.users]) killed();
      });
    void settle(one);
  };
  const grant = (one: Loaded, want: Want): (() => void) => {
    if (want.keep === true) {
      one.kept = true;
      if (manners().losesEviction) one.marked = undefined;
    }
    const killed = want.killed ?? (() => undefined);
    // Each user is a function of its own, whatever was given.
    const user = (): void => killed();
    one.users.add(user);
    return () => {
      if (one.users.delete(user)) void settle(one);
    };
  };

  /** Makes room and loads: one at a time, as all of these servers do. */
  const bring = async (name: string, want: Want): Promise<void> => {
    const model = models.get(name);
    if (model === undefined) return;
    const dead = memory.find((one) => one.weights === weightsOf(name) && one.dead);
    if (dead !== undefined) drop(dead);
    const same = byWeights(name);
    if (same !== undefined) {
      mark(same, 'evicted');
      await same.gone.promise;
    }
    const fits = (): boolean =>
      memory.length < options.maxLoaded &&
      (memory.length === 0 || inUse() + (model.bytes ?? 0) <= options.memory);
    while (!fits()) {
      const victim = memory.find((one) => one.state === 'ready') ?? memory[0];
      if (victim === undefined) return;
      mark(victim, 'evicted');
      await victim.gone.promise;
    }
    if (gaveUp(want)) return;
    const made = put(name, model, 'loading', want.keep === true);
    note('load', name);
    const loaded = clock.pause(model.loadMs ?? 0, want.signal);
    await (manners().neverLoads ? clock.never(want.signal) : loaded);
    if (!memory.includes(made)) return;
    if (gaveUp(want)) {
      drop(made);
      note('loadAborted', name);
      return;
    }
    made.state = 'ready';
    note('loaded', name);
  };

  const serve = (at: number): boolean => {
    const waiting = pending[at];
    const found = waiting === undefined ? undefined : entry(waiting.name);
    const left = waiting !== undefined && gaveUp(waiting.want);
    if (waiting === undefined || (found === undefined && !left)) return false;
    pending.splice(at, 1);
    waiting.go(found === undefined || left ? undefined : grant(found, waiting.want));
    return true;
  };
  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    while (pending.length > 0) {
      if (manners().collates) for (let at = 0; at < pending.length; ) if (!serve(at)) at += 1;
      const [head] = pending;
      if (head === undefined) break;
      if (serve(0)) continue;
      await bring(head.name, head.want);
      if (entry(head.name) !== undefined && !gaveUp(head.want)) continue;
      const at = pending.indexOf(head);
      if (at >= 0) pending.splice(at, 1);
      head.go();
    }
    pumping = false;
  };

  const use: Residency['use'] = async (given, want = {}) => {
    const name = bare(given);
    if (gaveUp(want)) return;
    const found = entry(name);
    if (found !== undefined && (found.marked === undefined || manners().starvesSwap))
      return grant(found, want);
    return new Promise((resolve) => {
      const own = { name, want, go: resolve };
      pending.push(own);
      want.signal?.addEventListener(
        'abort',
        () => {
          // The head of the line is taken out by who works on it: an eviction that was begun for it goes on.
          const at = pending.indexOf(own);
          if (at > 0) pending.splice(at, 1);
          resolve(undefined);
        },
        { once: true },
      );
      void pump();
    });
  };

  const gone = (one: Loaded, event: 'evicted' | 'died'): void => {
    drop(one);
    note(event, one.name);
    if (event === 'died' || manners().killsBusy) for (const killed of [...one.users]) killed();
  };
  for (const name of options.loaded) {
    const model = models.get(name);
    if (model !== undefined) put(name, model, 'ready', true);
  }

  return {
    find: (name) => models.get(bare(name)),
    names: () => [...models.keys()],
    resident: () => memory.filter(({ state }) => state !== 'loading').map(({ name }) => name),
    list: () =>
      memory
        .filter(
          ({ state, dead }) =>
            (state !== 'loading' || manners().listsEarly) && (!dead || manners().listsDead),
        )
        .map(({ name, weights, context, bytes, state, kept }) => ({
          name,
          weights,
          context,
          bytes,
          state,
          kept,
        })),
    inUse,
    stateOf: (given) => {
      const name = bare(given);
      const found = memory.find((one) => one.weights === weightsOf(name));
      if (found?.state === 'ready' && !found.dead) return 'loaded';
      if (found?.state === 'leaving') return 'leaving';
      return found?.state === 'loading' || pending.some((one) => one.name === name) ? 'loading' : 'unloaded';
    },
    isResident: (name) => entry(bare(name)) !== undefined,
    waiting: () => pending.length,
    use,
    load: async (name, want = {}) => {
      if (manners().liesLoaded) return;
      const end = await use(name, want);
      end?.();
    },
    unload: async (name) => {
      const victim = byWeights(bare(name));
      if (victim === undefined || manners().neverUnloads) return;
      mark(victim, 'unloaded');
      await victim.gone.promise;
    },
    create: (name, model) => {
      models.set(bare(name), model);
    },
    evict: (name) => {
      const found = memory.find((one) => one.name === bare(name));
      if (found !== undefined) gone(found, 'evicted');
    },
    replaceBy: (name) => {
      const model = models.get(bare(name));
      if (model === undefined) return;
      for (const one of [...memory]) gone(one, 'evicted');
      put(bare(name), model, 'ready', false);
      note('loaded', bare(name));
    },
    kill: (name) => {
      const found = byWeights(bare(name));
      if (found === undefined) return;
      if (!manners().listsDead) return gone(found, 'died');
      found.dead = true;
      note('died', found.name);
      for (const killed of [...found.users]) killed();
    },
  };
};

const gaveUp = ({ signal }: Want): boolean => signal?.aborted === true;
