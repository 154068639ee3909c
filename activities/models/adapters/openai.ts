import type { ModelSettings } from '../../../workflows/domain/host/model.ts';
import {
  type ListedModel,
  listedModels,
  ollamaVersion,
  studioModel,
} from '../../../workflows/domain/host/modelServer.ts';
import { measured, type ResidentModel, unknown } from '../../../workflows/domain/host/probe.ts';
import { field, textIn } from '../../../workflows/domain/queue/foreign.ts';
import { modelMissing } from '../answers.ts';
import { type Access, type Driver, type HostFacts, maybe, quickMs } from './driver.ts';
import { createLlamaRouterDriver } from './llamaRouter.ts';
import { createLlamaServerDriver } from './llamaServer.ts';
import { createLlamaSwapDriver } from './llamaSwap.ts';
import { createOllamaDriver } from './ollama.ts';
import { createVllmDriver } from './vllm.ts';

/** The answer to `GET /v1/models`, which all of these servers give. */
export const listOf = async (
  { ask }: Access,
  signal: AbortSignal,
  model?: ModelSettings,
): Promise<readonly ListedModel[]> => {
  const question = { method: 'GET', path: '/v1/models', timeoutMs: quickMs } as const;
  return listedModels(await ask(model === undefined ? question : { ...question, model }, signal));
};

/** The entry of a model. Some servers answer to any name, so the name is compared with the list. Throws `ModelMissing`. */
export const entryOf = ({ host }: Access, all: readonly ListedModel[], model: ModelSettings): ListedModel => {
  const own = all.find((entry) => entry.name === model.name || entry.aliases.includes(model.name));
  if (own !== undefined) return own;
  const names = all.slice(0, 10).map((entry) => entry.name);
  const url = `GET ${host.url}/v1/models`;
  throw modelMissing(
    { host, model, url },
    `${url} lists ${names.length === 0 ? 'no model' : names.join(', ')}`,
  );
};

/** Finds out by its answers what serves at a host. By questions that load nothing. */
export const findDriver = async (access: Access, signal: AbortSignal): Promise<Driver> => {
  const list = await listOf(access, signal);
  const owner = list[0]?.owner;
  if (owner === 'llama-swap') return createLlamaSwapDriver(access);
  if (owner === 'vllm') return createVllmDriver(access);
  if (owner === 'llamacpp')
    return list.some(({ status }) => status !== undefined)
      ? createLlamaRouterDriver(access)
      : createLlamaServerDriver(access);
  // An empty list, or one behind a proxy, names nobody.
  const version = await maybe(access, '/api/version', signal);
  if (field(version, 'build_date') !== undefined) return createLlamaSwapDriver(access);
  if (owner === 'library' && ollamaVersion(version) !== undefined) return createOllamaDriver(access);
  if (list.length === 0 && textIn(await maybe(access, '/props', signal), 'role') === 'router')
    return createLlamaRouterDriver(access);
  const studio = await maybe(access, '/api/v0/models', signal);
  const isStudio = list.some(({ name }) => studioModel(studio, name) !== undefined);
  return createPlainDriver(access, isStudio ? 'lm-studio' : 'openai');
};

/** Any server that tells no more than its list. LM Studio tells what is loaded, but /v1 cannot change that: see kind `command`. */
export const createPlainDriver = (access: Access, flavour: 'openai' | 'lm-studio'): Driver => {
  const by = `GET ${access.host.url}/v1/models`;

  const resident = async (signal: AbortSignal): Promise<readonly ResidentModel[]> => {
    const list = await listOf(access, signal);
    const studio = flavour === 'openai' ? undefined : await maybe(access, '/api/v0/models', signal);
    return list.map(({ name, context, bytes }) => {
      const more = studioModel(studio, name);
      return {
        ...{ name, id: name, state: more?.loaded === true ? ('ready' as const) : ('present' as const) },
        context: measured(
          more?.context ?? context,
          more === undefined ? by : `GET ${access.host.url}/api/v0/models`,
        ),
        bytes: measured(bytes, by),
        inGpu: unknown(by),
      };
    });
  };

  return {
    flavours: [flavour],
    resident,
    identify: async (model, signal) => entryOf(access, await listOf(access, signal, model), model).name,
    facts: async (signal) => ({
      ...(await listFacts(access, signal)),
      software: measured(flavour === 'lm-studio' ? 'LM Studio' : undefined, by),
    }),
    capabilities: async () => ({
      load: measured(false, `${by} tells of no way`),
      unload: measured(false, `${by} tells of no way`),
      tokenizer: unknown('asked for with the first prompt'),
      tools: unknown(by),
      jsonSchema: unknown(by),
    }),
  };
};

/** What follows from the list alone. */
export const listFacts = async (access: Access, signal: AbortSignal): Promise<HostFacts> => {
  const by = `GET ${access.host.url}/v1/models`;
  const names = (await listOf(access, signal)).map(({ name }) => name);
  const silent = unknown(by);
  return {
    models: measured(names, by),
    ...{ software: silent, version: silent, memory: silent, used: silent, slots: silent },
    ...{ running: silent, waiting: silent },
  };
};
