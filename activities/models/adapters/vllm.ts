import { setTimeout as delay } from 'node:timers/promises';
import { measured, type ResidentModel, unknown } from '../../../workflows/domain/host/probe.ts';
import { field, textIn } from '../../../workflows/domain/queue/foreign.ts';
import { fail } from '../../failure.ts';
import { type Access, type Driver, maybe, maybeText, sampleOf } from './driver.ts';
import { entryOf, listFacts, listOf } from './list.ts';

/**
 * vLLM, by its documentation and code (entrypoints/serve/sleep/api_router.py of 0.14; nothing was recorded). It has one model, listed
 * under one or more names, which it keeps; with its sleep mode the model gives its memory back and returns in seconds. Only a host with
 * `sleep: true` is put to sleep and woken: somebody else may have done so for good reasons. A call to a sleeping engine crashes it
 * (its issue 15483), and so does a sleep during a call, with status 200 (its issue 45520): so calls must have ended first.
 */
export const createVllmDriver = (access: Access): Driver => {
  const { host, askText } = access;
  const by = `GET ${host.url}/v1/models`;

  const isAsleep = async (signal: AbortSignal): Promise<boolean | undefined> => {
    const told = field(await maybe(access, '/is_sleeping', signal), 'is_sleeping');
    return typeof told === 'boolean' ? told : undefined;
  };
  const calls = async (signal: AbortSignal): Promise<number> => {
    const metrics = await maybeText(access, '/metrics', signal);
    const sums = ['vllm:num_requests_running', 'vllm:num_requests_waiting'].map((name) =>
      sampleOf(metrics, name),
    );
    return sums.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  };
  const order = async (path: string, timeoutMs: number, signal: AbortSignal): Promise<void> => {
    await askText({ method: 'POST', path, timeoutMs }, signal);
  };

  const driver: Driver = {
    flavours: ['vllm'],

    resident: async (signal) => {
      const list = await listOf(access, signal);
      const asleep = await isAsleep(signal);
      return list.map(
        ({ name, context }): ResidentModel => ({
          // All names mean the one engine.
          ...{ name, id: list[0]?.name ?? name, state: asleep === true ? 'sleeping' : 'ready' },
          context: measured(context, by),
          ...{ bytes: unknown(by), inGpu: unknown(by) },
        }),
      );
    },

    identify: async (model, signal) => {
      const list = await listOf(access, signal, model);
      const own = entryOf(access, list, model);
      return list[0]?.name ?? own.name;
    },

    facts: async (signal) => {
      const metrics = await maybeText(access, '/metrics', signal);
      const told = `GET ${host.url}/metrics`;
      return {
        ...(await listFacts(access, signal)),
        software: measured('vLLM', by),
        version: measured(
          textIn(await maybe(access, '/version', signal), 'version'),
          `GET ${host.url}/version`,
        ),
        running: measured(sampleOf(metrics, 'vllm:num_requests_running'), told),
        waiting: measured(sampleOf(metrics, 'vllm:num_requests_waiting'), told),
      };
    },

    capabilities: async (_, signal) => {
      const sleeps = (await isAsleep(signal)) !== undefined && host.sleep === true;
      const why = `GET ${host.url}/is_sleeping, and hosts.${host.name}.sleep`;
      return {
        ...{ load: measured(sleeps, why), unload: measured(sleeps, why) },
        tokenizer: measured(true, 'vLLM counts by /tokenize'),
        tools: unknown('vLLM offers them only with --enable-auto-tool-choice'),
        jsonSchema: measured(true, 'vLLM holds replies to a grammar'),
      };
    },
  };
  if (host.sleep !== true)
    return {
      ...driver,
      load: async ({ name }, { present }) => {
        if (present?.state === 'sleeping') throw notOurs(access, name);
      },
    };
  return {
    ...driver,

    load: async (_, { present, limitMs }, signal) => {
      if (present?.state !== 'sleeping') return;
      await order('/wake_up', limitMs, signal);
    },

    unload: async ({ name }, signal) => {
      const asleep = await isAsleep(signal);
      if (asleep === undefined) throw noSleep(access);
      if (asleep) return;
      const end = performance.now() + idleMs;
      while ((await calls(signal)) > 0) {
        if (performance.now() > end)
          throw fail('HostBusy', {
            what: `Host ${host.name} still answers calls of ${name}, so it is not put to sleep.`,
            evidence: `GET ${host.url}/metrics: vllm:num_requests_running or waiting above 0 for ${idleMs} ms`,
            next: 'Nothing: it is tried again. See whether something else uses the server.',
          });
        await delay(pollMs, undefined, { signal });
      }
      await order('/sleep?level=1', sleepMs, signal);
    },
  };
};

const pollMs = 100;
/** How long the last calls may take, and copying the weights to main memory. */
const idleMs = 15 * 60_000;
const sleepMs = 5 * 60_000;

const notOurs = ({ host }: Access, name: string) =>
  fail('HostRefused', {
    what: `Host ${host.name} sleeps with ${name}, and the town may not wake it.`,
    evidence: `GET ${host.url}/is_sleeping: true; a call now would crash it`,
    next: `Set hosts.${host.name}.sleep: true where the town alone decides, or wake it: curl -X POST ${host.url}/wake_up`,
  });

const noSleep = ({ host }: Access) =>
  fail('HostRefused', {
    what: `Host ${host.name} does not offer vLLM's sleep mode.`,
    evidence: `GET ${host.url}/is_sleeping does not tell; gastown.yaml says sleep: true`,
    next: `Start vLLM with --enable-sleep-mode and VLLM_SERVER_DEV_MODE=1 (on a network that you trust), or remove hosts.${host.name}.sleep.`,
  });
