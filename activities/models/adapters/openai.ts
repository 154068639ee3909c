import { setTimeout as delay } from 'node:timers/promises';
import type { HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import {
  type ListedModel,
  listedModels,
  makerOf,
  servingIn,
  studioModel,
} from '../../../workflows/domain/host/modelServer.ts';
import { fail } from '../../failure.ts';
import { contextTooSmall, modelMissing } from '../answers.ts';
import { createAsk } from '../ask.ts';
import { generateOnce } from '../ready.ts';
import type { HostAdapter } from './adapter.ts';

const quickMs = 10_000;
const pollMs = 50;

/**
 * Any server with `/v1/models` and `/v1/chat/completions`. Most hold one model and cannot change it, and some
 * of them answer to any name, so the name is compared with the list. llama.cpp's router loads and unloads on request.
 */
export const createOpenAiAdapter = (host: HostSettings, apiKey: string | undefined): HostAdapter => {
  const ask = createAsk(host, apiKey);

  const list = async (signal: AbortSignal, model?: ModelSettings): Promise<readonly ListedModel[]> => {
    const question = { method: 'GET', path: '/v1/models', timeoutMs: quickMs } as const;
    return listedModels(await ask(model === undefined ? question : { ...question, model }, signal));
  };

  const find = async (
    model: ModelSettings,
    signal: AbortSignal,
  ): Promise<{ own: ListedModel; all: readonly ListedModel[] }> => {
    const all = await list(signal, model);
    const own = all.find((entry) => entry.name === model.name || entry.aliases.includes(model.name));
    if (own !== undefined) return { own, all };
    const names = all.slice(0, 10).map((entry) => entry.name);
    throw modelMissing(
      { host, model, url: `GET ${host.url}/v1/models` },
      `GET ${host.url}/v1/models lists ${names.length === 0 ? 'no model' : names.join(', ')}`,
    );
  };

  /** What one request gets: only llama.cpp and LM Studio tell more of it than the list. */
  const contextOf = async (
    own: ListedModel,
    all: readonly ListedModel[],
    signal: AbortSignal,
  ): Promise<number | undefined> => {
    const get = async (path: string): Promise<unknown> => {
      const answer = await ask({ method: 'GET', path, timeoutMs: quickMs }, signal).catch(() => undefined);
      signal.throwIfAborted();
      return answer;
    };
    const routed = own.status !== undefined;
    const path = routed ? `/props?model=${encodeURIComponent(own.name)}` : '/props';
    const told = routed || all.length === 1 ? servingIn(await get(path)).context : undefined;
    if (told !== undefined || own.context !== undefined || makerOf(all) !== undefined)
      return told ?? own.context;
    return studioModel(await get('/api/v0/models'), own.name)?.context;
  };

  const check: HostAdapter['check'] = async (model, signal) => {
    const { own, all } = await find(model, signal);
    if (own.status !== undefined && own.status !== 'loaded') {
      throw fail('ModelNotResident', {
        what: `Host ${host.name} has not loaded ${model.name}.`,
        evidence: `GET ${host.url}/v1/models: status ${own.status}`,
        next: 'Nothing: the town loads it.',
      });
    }
    const context = await contextOf(own, all, signal);
    if (context !== undefined && context < model.context) {
      const url = `GET ${host.url}/v1/models`;
      throw contextTooSmall(
        { host, model, url },
        context,
        `${url} and /props: ${own.name} has ${context} tokens a request`,
      );
    }
    return { context };
  };

  const router = async (
    path: '/models/load' | '/models/unload',
    name: string,
    signal: AbortSignal,
  ): Promise<void> => {
    await ask({ method: 'POST', path, body: { model: name }, timeoutMs: quickMs }, signal);
  };

  /** The router answers before it is done. */
  const until = async (
    name: string,
    status: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const end = performance.now() + timeoutMs;
    while (performance.now() < end) {
      const entry = (await list(signal)).find((one) => one.name === name);
      if (entry?.status === status) return;
      await delay(pollMs, undefined, { signal });
    }
    throw fail('HostBusy', {
      what: `Host ${host.name} did not bring ${name} to the state ${status} within ${timeoutMs} ms.`,
      evidence: `GET ${host.url}/v1/models`,
      next: `Read the log of the server at ${host.url}.`,
    });
  };

  return {
    resident: async (signal) =>
      (await list(signal)).filter((one) => one.status === undefined || one.status === 'loaded'),
    check,

    async ensureResident(model, keep, signal) {
      const { own, all } = await find(model, signal);
      if (own.status !== undefined) {
        const kept = [own.name, ...keep.map((one) => one.name)];
        for (const other of all) {
          if (kept.includes(other.name) || other.status === 'unloaded') continue;
          await router('/models/unload', other.name, signal);
          await until(other.name, 'unloaded', model.callTimeoutMs, signal);
        }
        if (own.status === 'unloaded') await router('/models/load', own.name, signal);
        if (own.status !== 'loaded') await until(own.name, 'loaded', model.callTimeoutMs, signal);
      }
      const verified = await check(model, signal);
      await generateOnce(host, model, apiKey, signal);
      return verified;
    },

    async unload(model, signal) {
      const { own } = await find(model, signal);
      // A server with one fixed model keeps it: there is nothing else to make room for.
      if (own.status === undefined || own.status === 'unloaded') return;
      await router('/models/unload', own.name, signal);
      await until(own.name, 'unloaded', model.callTimeoutMs, signal);
    },
  };
};
