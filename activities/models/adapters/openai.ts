import { setTimeout as delay } from 'node:timers/promises';
import type { HostSettings, ModelSettings } from '../../../workflows/domain/model.ts';
import { fail } from '../../failure.ts';
import { contextTooSmall, modelMissing } from '../answers.ts';
import { createAsk, field, positive, records } from '../ask.ts';
import { generateOnce } from '../ready.ts';
import type { HostAdapter, ResidentModel } from './adapter.ts';

const quickMs = 10_000;
const pollMs = 50;

/** A model as `/v1/models` lists it. */
interface Listed extends ResidentModel {
  readonly aliases: readonly string[];
  /** Only llama.cpp's router says: `unloaded`, `loading`, `loaded`, … */
  readonly status: string | undefined;
}

/**
 * Any server with `/v1/models` and `/v1/chat/completions`. Most hold one model and cannot change it, and some
 * of them answer to any name, so the name is compared with the list. llama.cpp's router loads and unloads on request.
 */
export const createOpenAiAdapter = (host: HostSettings, apiKey: string | undefined): HostAdapter => {
  const ask = createAsk(host, apiKey);

  const list = async (signal: AbortSignal, model?: ModelSettings): Promise<readonly Listed[]> => {
    const question = { method: 'GET', path: '/v1/models', timeoutMs: quickMs } as const;
    const answer = await ask(model === undefined ? question : { ...question, model }, signal);
    return records(answer, 'data').map((entry) => ({
      name: String(field(entry, 'id') ?? ''),
      aliases: records(entry, 'aliases').map(String),
      context: positive(field(field(entry, 'meta'), 'n_ctx')) ?? positive(field(entry, 'max_model_len')),
      status: text(field(field(entry, 'status'), 'value')),
    }));
  };

  const find = async (
    model: ModelSettings,
    signal: AbortSignal,
  ): Promise<{ own: Listed; all: readonly Listed[] }> => {
    const all = await list(signal, model);
    const own = all.find((entry) => entry.name === model.name || entry.aliases.includes(model.name));
    if (own !== undefined) return { own, all };
    const names = all.slice(0, 10).map((entry) => entry.name);
    throw modelMissing(
      { host, model, url: `GET ${host.url}/v1/models` },
      `GET ${host.url}/v1/models lists ${names.length === 0 ? 'no model' : names.join(', ')}`,
    );
  };

  /** What one request gets. llama.cpp's -c is divided by -np, and only /props tells the share in every version. */
  const contextOf = async (own: Listed, alone: boolean, signal: AbortSignal): Promise<number | undefined> => {
    if (!alone && own.status === undefined) return own.context;
    const path = own.status === undefined ? '/props' : `/props?model=${encodeURIComponent(own.name)}`;
    const props = await ask({ method: 'GET', path, timeoutMs: quickMs }, signal).catch(() => undefined);
    signal.throwIfAborted();
    return positive(field(field(props, 'default_generation_settings'), 'n_ctx')) ?? own.context;
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
    const context = await contextOf(own, all.length === 1, signal);
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

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
