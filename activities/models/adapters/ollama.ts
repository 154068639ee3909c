import { setTimeout as delay } from 'node:timers/promises';
import type { HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import { loadedModels } from '../../../workflows/domain/host/modelServer.ts';
import { field } from '../../../workflows/domain/queue/foreign.ts';
import { fail } from '../../failure.ts';
import { contextTooSmall } from '../answers.ts';
import { createAsk } from '../ask.ts';
import { generateOnce } from '../ready.ts';
import type { HostAdapter, ResidentModel, Verified } from './adapter.ts';

/** Quick questions: lists and descriptions. */
const quickMs = 10_000;
/** A busy model ends its work before it goes. */
const unloadMs = 15 * 60_000;
const pollMs = 25;

/**
 * Ollama. Its scheduler knows weights files, not names: aliases of one file share a runner, and /api/ps lists only the
 * one that loaded it, so residency is compared by weights. What must go is unloaded before anything is
 * loaded: a load into a full host starts an eviction, and a keep_alive for its victim meanwhile hangs every later load.
 */
export const createOllamaAdapter = (host: HostSettings, apiKey: string | undefined): HostAdapter => {
  const ask = createAsk(host, apiKey);

  const resident = async (signal: AbortSignal): Promise<readonly ResidentModel[]> => {
    const answer = await ask({ method: 'GET', path: '/api/ps', timeoutMs: quickMs }, signal);
    return loadedModels(answer);
  };

  /** The digest of the weights file behind a name; throws `ModelMissing`. */
  const weightsOf = async (name: string, signal: AbortSignal, model?: ModelSettings): Promise<string> => {
    const question = {
      method: 'POST',
      path: '/api/show',
      body: { model: name },
      timeoutMs: quickMs,
    } as const;
    const answer = await ask(model === undefined ? question : { ...question, model }, signal);
    const from = /^FROM .*sha256[-:]([^\s]+)\s*$/m.exec(String(field(answer, 'modelfile') ?? ''));
    return from?.[1] ?? name;
  };

  const residentWeights = async (
    signal: AbortSignal,
  ): Promise<readonly (ResidentModel & { weights: string })[]> => {
    const found = await resident(signal);
    return Promise.all(
      found.map(async (entry) => ({
        ...entry,
        // A name that was deleted while its model is in memory has no description: it is a stranger then.
        weights: await weightsOf(entry.name, signal).catch(() => entry.name),
      })),
    );
  };

  const unloadName = async (name: string, signal: AbortSignal): Promise<void> => {
    const end = performance.now() + unloadMs;
    do {
      // The answer comes at once, the memory is free later. Asked again each time: a request that came in between undoes it.
      const body = { model: name, keep_alive: 0, stream: false };
      await ask({ method: 'POST', path: '/api/generate', body, timeoutMs: quickMs }, signal);
      for (let look = 0; look < 80; look += 1) {
        if (!(await resident(signal)).some((entry) => entry.name === name)) return;
        await delay(pollMs, undefined, { signal });
      }
    } while (performance.now() < end);
    throw fail('HostBusy', {
      what: `Host ${host.name} did not unload ${name}.`,
      evidence: `POST ${host.url}/api/generate {"model":"${name}","keep_alive":0}, then GET /api/ps for ${unloadMs} ms`,
      next: `Look for other users of the server; if it hangs, restart it.`,
    });
  };

  const verify = async (model: ModelSettings, signal: AbortSignal): Promise<Verified> => {
    const weights = await weightsOf(model.name, signal, model);
    const entry = (await residentWeights(signal)).find((one) => one.weights === weights);
    const asked = { host, model, url: `GET ${host.url}/api/ps` };
    if (entry === undefined) {
      throw fail('ModelNotResident', {
        what: `Host ${host.name} no longer has ${model.name} in memory.`,
        evidence: `${asked.url} does not list its weights`,
        next: 'Nothing: the town loads it again. Something else may use this server: give it to the town alone.',
      });
    }
    if (entry.context !== undefined && entry.context < model.context) {
      throw contextTooSmall(
        asked,
        entry.context,
        `${asked.url}: ${entry.name} has context_length ${entry.context}`,
      );
    }
    return { context: entry.context };
  };

  return {
    resident,
    check: verify,

    async ensureResident(model, keep, signal) {
      const weights = await weightsOf(model.name, signal, model);
      const kept = await Promise.all(keep.map((one) => weightsOf(one.name, signal, one)));
      for (const entry of await residentWeights(signal)) {
        const own = entry.weights === weights && (entry.context ?? 0) >= model.context;
        if (!own && !kept.includes(entry.weights)) await unloadName(entry.name, signal);
      }
      // No options: a num_ctx here makes a runner that the next /v1 call, which carries none, would restart.
      const body = { model: model.name, keep_alive: -1, stream: false };
      await ask(
        { method: 'POST', path: '/api/generate', body, timeoutMs: model.callTimeoutMs, model },
        signal,
      );
      const verified = await verify(model, signal);
      await generateOnce(host, model, apiKey, signal);
      return verified;
    },

    async unload(model, signal) {
      const weights = await weightsOf(model.name, signal, model);
      for (const entry of await residentWeights(signal)) {
        if (entry.weights === weights) await unloadName(entry.name, signal);
      }
    },
  };
};
