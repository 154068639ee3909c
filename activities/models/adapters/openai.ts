import { ollamaVersion, studioModel } from '../../../workflows/domain/host/modelServer.ts';
import { field, textIn } from '../../../workflows/domain/queue/foreign.ts';
import { type Access, type Driver, maybe } from './driver.ts';
import { listOf } from './list.ts';
import { createLlamaRouterDriver } from './llamaRouter.ts';
import { createLlamaServerDriver } from './llamaServer.ts';
import { createLlamaSwapDriver } from './llamaSwap.ts';
import { createOllamaDriver } from './ollama.ts';
import { createPlainDriver } from './plain.ts';
import { createVllmDriver } from './vllm.ts';

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
