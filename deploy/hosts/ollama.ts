import { bareName, contextsShown, loadedModels } from '../../workflows/domain/host/modelServer.ts';
import { itemsIn, positiveIn, textIn } from '../../workflows/domain/queue/foreign.ts';
import { askServer } from './ask.ts';
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
  const [tags, loaded] = await Promise.all([ask('/api/tags'), ask('/api/ps')]);
  const inMemory = new Map(loadedModels(loaded.json).map(({ name, context }) => [bareName(name), context]));
  const listed = itemsIn(tags.json, 'models').slice(0, mostDescribed);
  const models = await Promise.all(
    listed.map(async (entry): Promise<ServedModel> => {
      const name = bareName(textIn(entry, 'name') ?? '');
      const shown = (await ask('/api/show', { model: name })).json;
      const { given, trained } = contextsShown(shown);
      const capabilities = itemsIn(shown, 'capabilities');
      return {
        name,
        bytes: positiveIn(entry, 'size'),
        context: inMemory.get(name) ?? given,
        trained,
        loaded: inMemory.has(name),
        writes: !isForVectors(name) && (capabilities.length === 0 || capabilities.includes('completion')),
      };
    }),
  );
  return { url, kind: 'ollama', software: `Ollama ${version.slice(0, 20)}`, slots: undefined, models };
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
