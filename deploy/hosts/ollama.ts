import { askServer, field, itemsIn, positiveIn, textIn } from './ask.ts';
import { isForVectors, type ModelServer, type ServedModel } from './server.ts';

/** Descriptions are asked for one by one; nobody chooses among more. */
const mostDescribed = 60;

/** An Ollama with its models, as it describes them without loading any. */
export const lookAtOllama = async (
  { url, apiKey, timeoutMs }: { url: string; apiKey: string | undefined; timeoutMs: number },
  version: string,
): Promise<ModelServer> => {
  const ask = (path: string, body?: object) =>
    askServer({ url, path, apiKey, timeoutMs, ...(body === undefined ? {} : { body }) });
  const [tags, inMemory] = await Promise.all([ask('/api/tags'), contextsInMemory(url, apiKey, timeoutMs)]);
  const listed = itemsIn(tags.json, 'models').slice(0, mostDescribed);
  const models = await Promise.all(
    listed.map(async (entry): Promise<ServedModel> => {
      const name = nameOf(entry);
      const shown = (await ask('/api/show', { model: name })).json;
      const capabilities = itemsIn(shown, 'capabilities');
      return {
        name,
        bytes: positiveIn(entry, 'size'),
        context: inMemory.get(name) ?? contextParameter(shown),
        trained: trainedContext(shown),
        loaded: inMemory.has(name),
        writes: !isForVectors(name) && (capabilities.length === 0 || capabilities.includes('completion')),
      };
    }),
  );
  return { url, kind: 'ollama', software: `Ollama ${version.slice(0, 20)}`, slots: undefined, models };
};

/** What each model in memory gives one request: the only place where Ollama tells what its defaults came to. */
export const contextsInMemory = async (
  url: string,
  apiKey: string | undefined,
  timeoutMs: number,
): Promise<ReadonlyMap<string, number | undefined>> => {
  const { json } = await askServer({ url, path: '/api/ps', apiKey, timeoutMs });
  return new Map(
    itemsIn(json, 'models').map((entry) => [nameOf(entry), positiveIn(entry, 'context_length')] as const),
  );
};

/** Makes another name for a model that carries a context: it shares the weights and takes no space on disk. */
export const makeAlias = async (
  { url, apiKey }: { readonly url: string; readonly apiKey: string | undefined },
  alias: { readonly name: string; readonly from: string; readonly context: number },
): Promise<string | undefined> => {
  const body = {
    model: alias.name,
    from: alias.from,
    parameters: { num_ctx: alias.context },
    stream: false,
  };
  const { status, text } = await askServer({ url, path: '/api/create', body, apiKey, timeoutMs: 60_000 });
  return status === 200 ? undefined : `POST ${url}/api/create: status ${status ?? 'none'}\n${text}`;
};

const nameOf = (entry: unknown): string => (textIn(entry, 'name') ?? '').replace(/:latest$/, '');

/** `num_ctx` of the model's own parameters, which are a text block. */
const contextParameter = (shown: unknown): number | undefined => {
  const [, number] = /^num_ctx\s+(\d+)/m.exec(textIn(shown, 'parameters') ?? '') ?? [];
  return number === undefined ? undefined : Number(number);
};

const trainedContext = (shown: unknown): number | undefined => {
  const info = field(shown, 'model_info');
  if (typeof info !== 'object' || info === null) return;
  const key = Object.keys(info).find((name) => name.endsWith('.context_length'));
  return key === undefined ? undefined : positiveIn(info, key);
};
