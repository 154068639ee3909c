import { servingIn } from '../../../workflows/domain/host/modelServer.ts';
import {
  configured,
  type Flavour,
  firstKnown,
  measured,
  type ResidentModel,
  type Told,
  unknown,
} from '../../../workflows/domain/host/probe.ts';
import { itemsIn, positiveIn, textIn } from '../../../workflows/domain/queue/foreign.ts';
import { isOfType } from '../answers.ts';
import { type Access, type Driver, maybe, maybeText, quickMs, sampleOf } from './driver.ts';
import { entryOf, listFacts, listOf } from './list.ts';
import { llamaCapabilities } from './llamaServer.ts';

/**
 * llama-swap, by its code (internal/server/{api,apigroup}.go, internal/router/base.go of August 2026; nothing was recorded). Any path
 * under /upstream/MODEL loads that model; while others are asked for, it collates their calls by itself. Its /v1/models calls
 * a model loaded that still starts, so /running decides. An unload ends the process under its calls and answers when it has.
 */
export const createLlamaSwapDriver = (access: Access): Driver => {
  const { host, askText } = access;
  const running = `GET ${host.url}/running`;
  const flavours: Flavour[] = ['llama-swap'];

  /** Asked only of what is ready: anything else would load it, and so does this when it is driven out meanwhile. */
  const served = async (name: string, signal: AbortSignal): Promise<Told<number>> => {
    const path = upstream(name, '/props');
    const props = await maybe(access, path, signal);
    const { context, build } = servingIn(props);
    if (build !== undefined || context !== undefined) note(flavours, 'llama-server');
    if (context !== undefined) return measured(context, `GET ${host.url}${path}`);
    const listed = upstream(name, '/v1/models');
    const [own] = itemsIn(await maybe(access, listed, signal), 'data');
    if (textIn(own, 'owned_by') === 'vllm') note(flavours, 'vllm');
    return measured(positiveIn(own, 'max_model_len'), `GET ${host.url}${listed}`);
  };

  return {
    flavours,

    resident: async (signal, how) => {
      const answer = await access.ask({ method: 'GET', path: '/running', timeoutMs: quickMs }, signal);
      const list = await listOf(access, signal);
      return Promise.all(
        itemsIn(answer, 'running').map(async (entry): Promise<ResidentModel> => {
          const name = textIn(entry, 'model') ?? '';
          const state = states[textIn(entry, 'state') ?? ''] ?? 'loading';
          const written = list.find((one) => one.name === name)?.context;
          const own = how === 'closely' && state === 'ready' ? await served(name, signal) : undefined;
          const promised = configured(written, `GET ${host.url}/v1/models, of llama-swap's configuration`);
          return {
            ...{ name, id: name, state },
            context: own === undefined ? promised : firstKnown(own, promised),
            ...{ bytes: unknown(running), inGpu: unknown(running) },
          };
        }),
      );
    },

    // An alias of its configuration is another name of one model, and /running knows only the model's own.
    identify: async (model, signal) => {
      const own = entryOf(access, await listOf(access, signal, model), model);
      return own.aliasOf ?? own.name;
    },

    load: async (model, { present, limitMs }, signal) => {
      if (present?.state === 'ready') return;
      const question = { method: 'GET', timeoutMs: limitMs, model } as const;
      await askText({ ...question, path: upstream(model.name, '/health') }, signal);
    },

    unload: async ({ name }, signal) => {
      const question = { method: 'POST', timeoutMs: unloadMs } as const;
      try {
        await askText({ ...question, path: `/api/models/unload/${segments(name)}`, body: {} }, signal);
      } catch (error) {
        // Before v150 it could only unload all that it ran.
        if (!isOfType(error, 'NotAModelServer')) throw error;
        await askText({ method: 'GET', path: '/unload', timeoutMs: unloadMs }, signal);
      }
    },

    facts: async (signal) => {
      const version = textIn(await maybe(access, '/api/version', signal), 'version');
      const metrics = await maybeText(access, '/metrics', signal);
      const by = `GET ${host.url}/metrics`;
      return {
        ...(await listFacts(access, signal)),
        software: measured('llama-swap', running),
        version: measured(version, `GET ${host.url}/api/version`),
        memory: measured(sampleOf(metrics, 'llamaswap_gpu_memory_total_bytes'), by),
        used: measured(sampleOf(metrics, 'llamaswap_gpu_memory_used_bytes'), by),
      };
    },

    capabilities: async (name, signal) => {
      const answer = await maybe(access, '/running', signal);
      const ready = itemsIn(answer, 'running').some(
        (one) => textIn(one, 'model') === name && textIn(one, 'state') === 'ready',
      );
      const path = upstream(name ?? '', '/props');
      const props = ready ? await maybe(access, path, signal) : undefined;
      return llamaCapabilities(props, `GET ${host.url}${ready ? path : '/running'}`, true);
    },
  };
};

/** Its own limit for a process that does not end is ten seconds, unless its configuration says more. */
const unloadMs = 5 * 60_000;

const states: Readonly<Record<string, ResidentModel['state']>> = {
  starting: 'loading',
  ready: 'ready',
  stopping: 'leaving',
};

const note = (flavours: Flavour[], flavour: Flavour): void => {
  if (!flavours.includes(flavour)) flavours.push(flavour);
};

/** Names may hold slashes, which it takes for a part of the name. */
const segments = (name: string): string => name.split('/').map(encodeURIComponent).join('/');

const upstream = (name: string, path: string): string => `/upstream/${segments(name)}${path}`;
