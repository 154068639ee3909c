/** What model servers tell of themselves, read out of their answers: the same for `gt init`, the doctor and the lease of a host. */
import { field, itemsIn, positiveIn, textIn } from '../queue/foreign.ts';

/** A model as `/v1/models` lists it. */
export interface ListedModel {
  /** The server's own name for it. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** The model that it is another name of, as llama-swap lists them. */
  readonly aliasOf: string | undefined;
  /** llama.cpp's router says: `unloaded`, `loading`, `loaded`, …; llama-swap says `loaded` of a model that still loads. */
  readonly status: string | undefined;
  /** Why the router could not load it, as far as it says. */
  readonly failed: string | undefined;
  /** Tokens that one request gets. */
  readonly context: number | undefined;
  /** Tokens that the model was made for. */
  readonly trained: number | undefined;
  /** Of its weights. */
  readonly bytes: number | undefined;
  /** Who serves it, by the server's word. */
  readonly owner: string | undefined;
}

/** A model that Ollama holds in memory. */
export interface LoadedModel {
  readonly name: string;
  /** Tokens that one request gets. */
  readonly context: number | undefined;
  /** Bytes in all, and of these in the memory of graphics cards; undefined when it does not say. */
  readonly size: number | undefined;
  readonly inGpu: number;
  /** Whether it was told to stay for ever, which shows as a date centuries ahead. */
  readonly kept: boolean;
}

/** The answer to `GET /v1/models`. */
export const listedModels = (answer: unknown): readonly ListedModel[] =>
  itemsIn(answer, 'data').flatMap((entry) => {
    const name = textIn(entry, 'id');
    if (name === undefined) return [];
    const meta = field(entry, 'meta');
    return {
      name,
      aliases: [...itemsIn(entry, 'aliases'), ...itemsIn(field(meta, 'llamaswap'), 'aliases')].map(String),
      aliasOf: textIn(field(meta, 'llamaswap'), 'modelID'),
      status: textIn(field(entry, 'status'), 'value'),
      failed: failedWith(field(entry, 'status')),
      context: positiveIn(meta, 'n_ctx') ?? positiveIn(entry, 'max_model_len'),
      trained: positiveIn(meta, 'n_ctx_train'),
      bytes: positiveIn(meta, 'size'),
      owner: textIn(entry, 'owned_by'),
    };
  });

const failedWith = (status: unknown): string | undefined => {
  if (field(status, 'failed') !== true) return;
  const code = field(status, 'exit_code');
  return `its process has failed${typeof code === 'number' ? ` with exit code ${code}` : ''}`;
};

/** A model by the answer to `GET /api/v0/models`, which only LM Studio gives. */
export const studioModel = (answer: unknown, name: string) => {
  const entry = itemsIn(answer, 'data').find((one) => textIn(one, 'id') === name);
  if (entry === undefined) return;
  return {
    loaded: textIn(entry, 'state') === 'loaded',
    context: positiveIn(entry, 'loaded_context_length'),
    trained: positiveIn(entry, 'max_context_length'),
    writes: textIn(entry, 'type') !== 'embeddings',
  };
};

/** The answer to `GET /props` of llama.cpp. Its -c is divided by -np: only here every version tells the share of one request. */
export const servingIn = (props: unknown) => ({
  context: positiveIn(field(props, 'default_generation_settings'), 'n_ctx'),
  /** Calls at once. */
  slots: positiveIn(props, 'total_slots'),
  build: textIn(props, 'build_info'),
});

/** The answer to `GET /api/ps`: the only place where Ollama tells what its defaults came to. */
export const loadedModels = (answer: unknown): readonly LoadedModel[] =>
  itemsIn(answer, 'models').map((entry) => ({
    name: textIn(entry, 'name') ?? '',
    context: positiveIn(entry, 'context_length'),
    size: positiveIn(entry, 'size'),
    inGpu: positiveIn(entry, 'size_vram') ?? 0,
    kept: Number((textIn(entry, 'expires_at') ?? '').slice(0, 4)) >= 2_200,
  }));

/** The answer to `POST /api/show`: what the weights were made for, and `num_ctx` of the model's own parameters, a text block. */
export const contextsShown = (answer: unknown) => {
  const info = field(answer, 'model_info');
  const names = typeof info === 'object' && info !== null ? Object.keys(info) : [];
  const key = names.find((name) => name.endsWith('.context_length'));
  const [, number] = /^num_ctx\s+(\d+)/m.exec(textIn(answer, 'parameters') ?? '') ?? [];
  return {
    trained: key === undefined ? undefined : positiveIn(info, key),
    given: number === undefined ? undefined : Number(number),
  };
};

/** The digest of the weights file, by the answer to `POST /api/show`: equal for all aliases of one file. */
export const weightsShown = (answer: unknown): string | undefined =>
  /^FROM .*sha256[-:]([^\s]+)\s*$/m.exec(textIn(answer, 'modelfile') ?? '')?.[1];

/** What serves the models of a list, in a word or two; undefined when it is not known by name. */
export const makerOf = (models: readonly ListedModel[]): string | undefined =>
  makers.get(models[0]?.owner ?? '');

/** What a server is called that does not tell what it is. */
export const unknownMaker = 'a server with an OpenAI-compatible API';

/** Ollama's names have a tag, which may be left out when it is `latest`. */
export const bareName = (name: string): string => name.replace(/:latest$/, '');

/** Whether two names mean the same model. */
export const isCalled = (name: string, other: string): boolean => bareName(name) === bareName(other);

/** The name of an alias that carries a context. */
export const aliasName = (name: string, context: number): string =>
  `${bareName(name).replaceAll(/[:/]/g, '-')}-${Math.round(context / 1024)}k`;

/** The name that the town gives an alias of its own: one for each context, so that none is ever changed under a call. */
export const carrierName = (name: string, context: number): string =>
  `${bareName(name).replaceAll(/[:/]/g, '-')}-ctx${context}`;

/** Whether what a server holds under this name was loaded for the model: by its own name, or by the alias that carries its context. */
export const isLoadedFor = (
  held: string,
  model: { readonly name: string; readonly context: number },
): boolean => isCalled(held, model.name) || isCalled(held, carrierName(model.name, model.context));

/** The version of an Ollama by the answer to `GET /api/version`. llama-swap answers there too, and tells of its build besides. */
export const ollamaVersion = (answer: unknown): string | undefined =>
  field(answer, 'commit') === undefined && field(answer, 'build_date') === undefined
    ? textIn(answer, 'version')
    : undefined;

const makers: ReadonlyMap<string, string> = new Map([
  ['llamacpp', 'llama.cpp'],
  ['vllm', 'vLLM'],
  ['llama-swap', 'llama-swap'],
]);
