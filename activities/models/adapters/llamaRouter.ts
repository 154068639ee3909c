import { servingIn } from '../../../workflows/domain/host/modelServer.ts';
import { measured, type ResidentModel, unknown } from '../../../workflows/domain/host/probe.ts';
import { fail } from '../../failure.ts';
import { type Access, type Driver, maybe, quickMs } from './driver.ts';
import { entryOf, listFacts, listOf } from './list.ts';
import { llamaCapabilities, llamaFacts } from './llamaServer.ts';

/**
 * llama-server as a router with a process for each model, by recorded exchanges. Loads and unloads are answered before they are
 * done; the list tells. A busy model that is told to go is killed after ten seconds, so gates close first.
 */
export const createLlamaRouterDriver = (access: Access): Driver => {
  const { host, ask } = access;
  const listed = `GET ${host.url}/v1/models`;
  const query = (name: string): string => `?model=${encodeURIComponent(name)}`;
  const order = async (
    path: '/models/load' | '/models/unload',
    name: string,
    signal: AbortSignal,
  ): Promise<void> => {
    await ask({ method: 'POST', path, body: { model: name }, timeoutMs: quickMs }, signal);
  };

  return {
    flavours: ['llama-router', 'llama-server'],

    resident: async (signal) => {
      const busy = (await listOf(access, signal)).filter(({ status }) => takesMemory(status));
      return Promise.all(
        busy.map(async ({ name, status, context }): Promise<ResidentModel> => {
          const path = `/props${query(name)}`;
          const told = status === 'loaded' ? servingIn(await maybe(access, path, signal)).context : undefined;
          return {
            ...{ name, id: name, state: status === 'loaded' ? 'ready' : 'loading' },
            context: measured(told ?? context, `GET ${host.url}${path}`),
            ...{ bytes: unknown(listed), inGpu: unknown(listed) },
          };
        }),
      );
    },

    identify: async (model, signal) => entryOf(access, await listOf(access, signal, model), model).name,

    load: async (model, { present }, signal) => {
      if (present !== undefined) return;
      const own = entryOf(access, await listOf(access, signal, model), model);
      await order('/models/load', own.name, signal);
      const { failed, status } = entryOf(access, await listOf(access, signal, model), model);
      if (failed === undefined || takesMemory(status)) return;
      throw fail('HostDown', {
        what: `Host ${host.name} could not load ${model.name}.`,
        evidence: `${listed}: ${failed}`,
        next: `It is tried again. If it stays so, read the log of the server at ${host.url}.`,
      });
    },

    unload: async ({ name }, signal) => {
      const [own] = (await listOf(access, signal)).filter((one) => one.name === name);
      // Told twice it answers 400.
      if (own !== undefined && takesMemory(own.status)) await order('/models/unload', name, signal);
    },

    facts: async (signal) => {
      const [loaded] = (await listOf(access, signal)).filter(({ status }) => status === 'loaded');
      const own = await llamaFacts(access, loaded === undefined ? '' : query(loaded.name), signal);
      return { ...(await listFacts(access, signal)), ...own };
    },

    capabilities: async (name, signal) => {
      const path = name === undefined ? '/props' : `/props${query(name)}`;
      return llamaCapabilities(await maybe(access, path, signal), `GET ${host.url}${path}`, true);
    },
  };
};

const takesMemory = (status: string | undefined): boolean =>
  status !== undefined && !['unloaded', 'downloading', 'failed'].includes(status);
