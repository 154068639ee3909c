/** What a model server can be like. As recorded from real ones unless a test says otherwise; each can be switched while it runs. */
export type Flavour = 'ollama' | 'llama-server' | 'llama-router' | 'llama-swap' | 'vllm' | 'openai';

/** The bad manners of model servers. */
export interface Manners {
  /** A prompt that is too long is cut, and answered as if nothing were. Else it is refused. */
  readonly truncates: boolean;
  /** Calls for a model that is to be evicted go on being served, so a steady stream keeps the swap away. */
  readonly starvesSwap: boolean;
  /** A keep_alive for a model that is to be evicted calls the eviction off, and who waits for it waits for ever. */
  readonly losesEviction: boolean;
  /** A busy model that is told to go is killed after `graceMs`; else its calls are finished first. */
  readonly killsBusy: boolean;
  /** Requests of the model that is loaded overtake those of others, as llama-swap serves them. */
  readonly collates: boolean;
  /** A call loads its model; else it is refused. */
  readonly autoload: boolean;
  /** A model is listed as resident while it still loads. */
  readonly listsEarly: boolean;
  /** A model whose process has died stays listed; the next call starts it again. */
  readonly listsDead: boolean;
  /** Loads are answered with success, and nothing happens. */
  readonly liesLoaded: boolean;
  /** Models that an Ollama fails to load at once, for want of memory. */
  readonly tooLarge: readonly string[];
  /** Loads never end. */
  readonly neverLoads: boolean;
  /** Unloads are answered with success, and nothing happens. */
  readonly neverUnloads: boolean;
  /** Lists and health pages stay green, and nothing that needs a model is ever answered. */
  readonly deadScheduler: boolean;
  /** A call to a sleeping engine, or its sleep during a call, ends the server. */
  readonly crashesAsleep: boolean;
  /** More calls at once than this are refused with 429. */
  readonly callLimit: number;
  /** More waiting calls for models that are not resident than this are refused with 503. */
  readonly loadQueue: number;
}

const polite: Manners = {
  truncates: false,
  starvesSwap: false,
  losesEviction: false,
  killsBusy: false,
  collates: false,
  autoload: false,
  listsEarly: false,
  listsDead: false,
  liesLoaded: false,
  tooLarge: [],
  neverLoads: false,
  neverUnloads: false,
  deadScheduler: false,
  crashesAsleep: false,
  callLimit: Number.POSITIVE_INFINITY,
  loadQueue: Number.POSITIVE_INFINITY,
};

/** How each flavour behaves by itself: by the records, and for llama-swap and vLLM by their code and issues. */
export const mannersOf: Readonly<Record<Flavour, Manners>> = {
  ollama: {
    ...polite,
    truncates: true,
    starvesSwap: true,
    losesEviction: true,
    autoload: true,
    listsDead: true,
    loadQueue: 512,
  },
  'llama-server': { ...polite, autoload: true },
  'llama-router': { ...polite, killsBusy: true },
  'llama-swap': { ...polite, starvesSwap: true, collates: true, autoload: true, killsBusy: true },
  vllm: { ...polite, crashesAsleep: true },
  openai: { ...polite, autoload: true },
};
