import { type Generation, generateOnce, loadMs } from './generate.ts';
import { lookAtServer } from './look.ts';
import { contextsInMemory } from './ollama.ts';
import type { ModelServer, ServedModel } from './server.ts';

/** What one real call has shown of a model. */
export type Proof =
  | Extract<Generation, { ok: false }>
  | {
      readonly ok: true;
      /** From the request to the end of the reply of one token, with loading. */
      readonly ms: number;
      /** Tokens that one request gets; undefined when the server does not say. */
      readonly context: number | undefined;
    };

/** Has a model generate one token, which loads it, and then asks the server what context one request gets. */
export const proveModel = async (
  server: ModelServer,
  model: Pick<ServedModel, 'name' | 'context'>,
  apiKey: string | undefined,
  timeoutMs = loadMs,
): Promise<Proof> => {
  const { url } = server;
  const generated = await generateOnce({ url, apiKey }, model.name, timeoutMs);
  if (!generated.ok) return generated;
  return { ...generated, context: (await contextNow(server, model.name, apiKey)) ?? model.context };
};

const contextNow = async (
  { url, kind }: ModelServer,
  name: string,
  apiKey: string | undefined,
): Promise<number | undefined> => {
  if (kind === 'ollama')
    return (await contextsInMemory(url, apiKey, 10_000)).get(name.replace(/:latest$/, ''));
  const look = await lookAtServer(url, apiKey);
  return look.found === 'server'
    ? look.server.models.find((model) => model.name === name)?.context
    : undefined;
};
