import { describe, expect, test } from 'vitest';
import { type Flavour, type ModelHost, type ModelHostScript, startModelHost } from '../modelHost.ts';
import { readExchange } from './recorded.ts';
import { shapeFaults } from './recordedShape.ts';

const serve = (kind: Flavour, over: Partial<ModelHostScript> = {}): Promise<ModelHost> =>
  startModelHost({
    kind,
    models: { a: { context: 2_048, loadMs: 20, unloadMs: 10, bytes: 10 }, b: { context: 2_048, bytes: 10 } },
    reply: ({ model }) => `from ${model}`,
    ...over,
  });
const send = async (host: ModelHost, method: string, path: string, body?: unknown) => {
  const response = await fetch(host.url + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    json: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined) as unknown,
  };
};
const chat = (host: ModelHost, model: string, more: object = {}) =>
  send(host, 'POST', '/v1/chat/completions', {
    model,
    messages: [{ role: 'user', content: 'hello' }],
    max_tokens: 9,
    ...more,
  });
const load = (host: ModelHost, model: string, keepAlive: number) =>
  send(host, 'POST', '/api/generate', { model, keep_alive: keepAlive });
const events = (host: ModelHost, ...names: readonly string[]): string[] =>
  host.timeline.filter(({ event }) => names.includes(event)).map(({ event, model }) => `${event} ${model}`);

/** A reply that ends when the test says so. */
const heldReply = () => {
  const end = Promise.withResolvers<string>();
  return { reply: () => end.promise, finish: () => end.resolve('done') };
};

describe('answers as they were recorded from real servers', () => {
  test.each<[string, Flavour, Partial<ModelHostScript>, string, string, unknown]>([
    ['ollama/version', 'ollama', {}, 'GET', '/api/version', undefined],
    ['ollama/ps-loaded', 'ollama', { loaded: ['a'] }, 'GET', '/api/ps', undefined],
    ['ollama/ps-empty', 'ollama', {}, 'GET', '/api/ps', undefined],
    ['ollama/tags', 'ollama', {}, 'GET', '/api/tags', undefined],
    ['ollama/show', 'ollama', {}, 'POST', '/api/show', { model: 'a' }],
    ['ollama/show-unknown', 'ollama', {}, 'POST', '/api/show', { model: 'nope' }],
    ['ollama/load', 'ollama', {}, 'POST', '/api/generate', { model: 'a', keep_alive: -1 }],
    ['ollama/load-unknown', 'ollama', {}, 'POST', '/api/generate', { model: 'nope', keep_alive: -1 }],
    ['ollama/unload', 'ollama', { loaded: ['a'] }, 'POST', '/api/generate', { model: 'a', keep_alive: 0 }],
    [
      'ollama/create-alias',
      'ollama',
      {},
      'POST',
      '/api/create',
      { model: 'c', from: 'a', parameters: { num_ctx: 512 } },
    ],
    ['ollama/not-found', 'ollama', {}, 'POST', '/api/nope', {}],
    ['llama-server/health', 'llama-server', {}, 'GET', '/health', undefined],
    [
      'llama-server/v1-models',
      'llama-server',
      { models: { a: { context: 2_048, bytes: 9 } } },
      'GET',
      '/v1/models',
      undefined,
    ],
    ['llama-server/props', 'llama-server', {}, 'GET', '/props', undefined],
    ['llama-server/slots-busy', 'llama-server', { slots: 2 }, 'GET', '/slots', undefined],
    [
      'llama-server/tokenize',
      'llama-server',
      {},
      'POST',
      '/tokenize',
      { content: 'the code is in the file' },
    ],
    [
      'llama-server/input-tokens',
      'llama-server',
      {},
      'POST',
      '/v1/chat/completions/input_tokens',
      { messages: [] },
    ],
    ['llama-server/not-found', 'llama-server', {}, 'GET', '/nope', undefined],
    ['llama-server/version-absent', 'llama-server', {}, 'GET', '/api/version', undefined],
    ['llama-server/router-models-loaded', 'llama-router', { loaded: ['a'] }, 'GET', '/v1/models', undefined],
    ['llama-server/router-load', 'llama-router', {}, 'POST', '/models/load', { model: 'a' }],
    [
      'llama-server/router-load-again',
      'llama-router',
      { loaded: ['a'] },
      'POST',
      '/models/load',
      { model: 'a' },
    ],
    ['llama-server/router-load-unknown', 'llama-router', {}, 'POST', '/models/load', { model: 'nope' }],
    [
      'llama-server/router-unload',
      'llama-router',
      { loaded: ['a'] },
      'POST',
      '/models/unload',
      { model: 'a' },
    ],
    ['llama-server/router-unload-again', 'llama-router', {}, 'POST', '/models/unload', { model: 'a' }],
    ['llama-server/router-props', 'llama-router', {}, 'GET', '/props', undefined],
    [
      'llama-server/router-props-model',
      'llama-router',
      { loaded: ['a'] },
      'GET',
      '/props?model=a',
      undefined,
    ],
    [
      'llama-server/router-chat-unknown',
      'llama-router',
      {},
      'POST',
      '/v1/chat/completions',
      { model: 'nope', messages: [] },
    ],
    [
      'llama-server/router-chat-autoload-off',
      'llama-router',
      {},
      'POST',
      '/v1/chat/completions',
      { model: 'a', messages: [] },
    ],
    [
      'llama-server/overflow',
      'llama-server',
      {},
      'POST',
      '/v1/chat/completions',
      { model: 'a', messages: [{ content: 'x'.repeat(9_000) }] },
    ],
  ])('%s', async (name, kind, over, method, path, body) => {
    const { response } = await readExchange(name);
    await using host = await serve(kind, over);
    const made = await send(host, method, path, body);
    expect(made.status).toBe(response.status);
    expect(shapeFaults(response.body, made.json)).toEqual([]);
    if (response.body === undefined) expect(made.text).toBe(response.text);
  });

  test.each([
    ['llama-server/health-loading', 'GET', '/health'],
    ['llama-server/chat-loading', 'POST', '/v1/chat/completions'],
  ])('%s', async (name, method, path) => {
    const { response } = await readExchange(name);
    await using host = await serve('llama-server');
    host.impose('loading');
    expect(await send(host, method, path)).toMatchObject({ status: 503, json: response.body });
  });
});

describe('the bad manners of Ollama', () => {
  test('a keep_alive for the victim loses the eviction, until somebody unloads it', async () => {
    const { reply, finish } = heldReply();
    await using host = await serve('ollama', { reply: (call) => (call.model === 'a' ? reply() : 'from b') });
    await load(host, 'a', -1);
    const busy = chat(host, 'a');
    await host.called(() => true);
    const waiting = chat(host, 'b');
    await host.saw(({ event }) => event === 'evict');
    await load(host, 'a', -1);
    finish();
    await busy;
    // The resident model serves on, and whoever wants another waits.
    expect((await chat(host, 'a')).status).toBe(200);
    expect(events(host, 'evicted', 'load').slice(1)).toEqual([]);
    await load(host, 'a', 0);
    expect((await waiting).status).toBe(200);
    expect(host.resident()).toEqual(['b']);
  });

  test('calls of the victim are served while somebody waits for another model; with manners they are not', async () => {
    for (const starvesSwap of [true, false]) {
      const { reply, finish } = heldReply();
      const first = Promise.withResolvers<void>();
      let calls = 0;
      await using host = await serve('ollama', {
        manners: { starvesSwap },
        reply: (call) =>
          call.model === 'a' && ++calls === 1 ? (first.resolve(), reply()) : `from ${call.model}`,
      });
      await load(host, 'a', -1);
      const busy = chat(host, 'a');
      await first.promise;
      const other = chat(host, 'b');
      await host.saw(({ event }) => event === 'evict');
      const more = chat(host, 'a');
      if (starvesSwap) await more;
      else await host.saw(({ event, call }) => event === 'chat' && call === 3);
      finish();
      await Promise.all([busy, other, more]);
      const begun = host.timeline.filter(({ event }) => event === 'begin').map(({ call }) => call);
      expect(begun).toEqual(starvesSwap ? [1, 3, 2] : [1, 2, 3]);
    }
  });

  test('another num_ctx of the same weights restarts the runner, and keep_alive is forgotten', async () => {
    await using host = await serve('ollama');
    await load(host, 'a', -1);
    await send(host, 'POST', '/api/create', { model: 'c', from: 'a', parameters: { num_ctx: 512 } });
    await chat(host, 'c');
    expect(events(host, 'loaded', 'evicted')).toEqual(['loaded a', 'evicted a', 'loaded c']);
    const { json } = await send(host, 'GET', '/api/ps');
    expect(json).toMatchObject({ models: [{ context_length: 512 }] });
    expect(JSON.stringify(json)).not.toContain('2319');
  });

  test('a prompt that is too long is cut and answered; a queue that is full refuses only who needs a load', async () => {
    await using host = await serve('ollama', { manners: { loadQueue: 0 }, loaded: ['a'] });
    const long = await chat(host, 'a', { messages: [{ role: 'user', content: 'x'.repeat(12_000) }] });
    expect(long).toMatchObject({ status: 200, json: { usage: { prompt_tokens: 2_048 } } });
    const { response } = await readExchange('ollama/queue-full-stream');
    const refused = await chat(host, 'b');
    expect(refused.status).toBe(503);
    expect(JSON.stringify(refused.json)).toContain(
      (response.body as { error: { message: string } }).error.message,
    );
    expect(host.figures()).toMatchObject({ refused: 1, strangers: 1 });
  });

  test('a runner that dies is listed on, ends its stream like a success, and starts anew with the next call', async () => {
    const { reply } = heldReply();
    let calls = 0;
    await using host = await serve('ollama', {
      loaded: ['a'],
      reply: () => (++calls === 1 ? reply() : 'again'),
    });
    const dying = chat(host, 'a', { stream: true });
    await host.called(() => true);
    host.residency.kill('a');
    expect((await dying).status).toBe(500);
    expect((await send(host, 'GET', '/api/ps')).json).toMatchObject({ models: [{ name: 'a:latest' }] });
    expect((await chat(host, 'a')).status).toBe(200);
    expect(events(host, 'loaded')).toEqual(['loaded a']);
  });
});

test('llama-swap serves all who wait for the loaded model before it swaps, and refuses beyond its limit', async () => {
  const { reply, finish } = heldReply();
  let calls = 0;
  await using host = await serve('llama-swap', {
    slots: 1,
    reply: (call) => (++calls === 1 ? reply() : `from ${call.model}`),
  });
  const first = chat(host, 'a');
  await host.called(() => true);
  const rest = ['b', 'a', 'b', 'a'].map((name) => chat(host, name));
  await host.saw(({ event, call }) => event === 'chat' && call === 5);
  finish();
  await Promise.all([first, ...rest]);
  const served = host.timeline.filter(({ event }) => event === 'begin').map(({ model }) => model);
  expect(served.join('')).toBe('aaabb');
  expect(host.figures().swaps).toBe(1);
  host.misbehave({ callLimit: 0 });
  expect((await chat(host, 'b')).status).toBe(429);
});

test('a router kills a busy model that is told to go, with the bare words of its proxy', async () => {
  const { reply } = heldReply();
  await using host = await serve('llama-router', { loaded: ['a'], graceMs: 30, reply });
  const answer = chat(host, 'a');
  await host.called(() => true);
  await send(host, 'POST', '/models/unload', { model: 'a' });
  expect((await answer).text).toContain('proxy error: Failed to read connection');
  await host.saw(({ event }) => event === 'unloaded');
});

test('a vLLM that is called while it sleeps crashes, and is there again when it is started', async () => {
  await using host = await serve('vllm', { models: { a: { context: 2_048 } }, loaded: [] });
  await expect(chat(host, 'a')).rejects.toThrow();
  await host.up();
  expect(await send(host, 'GET', '/is_sleeping')).toMatchObject({ json: { is_sleeping: true } });
});

describe('time, memory and what the host saw', () => {
  const gib = 2 ** 30;

  test('all scripted times run faster by the scale, and figures are in the script’s time', async () => {
    await using host = await serve('ollama', {
      models: {
        a: { context: 2_048, loadMs: 60_000, unloadMs: 30_000 },
        b: { context: 2_048, loadMs: 60_000 },
      },
      timeScale: 600,
      slots: 2,
      durationMs: () => 120_000,
    });
    const started = performance.now();
    await Promise.all([chat(host, 'a'), chat(host, 'a')]);
    await chat(host, 'b');
    const elapsed = performance.now() - started;
    const figures = host.figures();
    expect(figures).toMatchObject({ calls: 3, loads: 2, swaps: 1, strangers: 3, refused: 0 });
    // Two loads and one unload; timers are never early, and late by as much as this machine is busy.
    expect(figures.swapMs).toBeGreaterThanOrEqual(149_000);
    expect(figures.slotBusyMs).toBeGreaterThanOrEqual(359_000);
    expect(figures.spanMs).toBeLessThanOrEqual(elapsed * 600);
    expect(figures.slotBusyRatio).toBeLessThan(0.5);
    const idle = figures.idleMs;
    const all = figures.slotBusyMs + idle.swapping + idle.empty + idle.noCall;
    expect(all).toBeCloseTo(figures.spanMs * 2, -1);
  });

  test('models are in memory together as far as they fit, and the timeline has what was in use', async () => {
    const models = {
      large: { context: 2_048, bytes: 20 * gib },
      small: { context: 2_048, bytes: 5 * gib },
      mid: { context: 2_048, bytes: 9 * gib },
    };
    await using host = await serve('ollama', { models, memory: 24 * gib });
    await load(host, 'small', -1);
    await load(host, 'mid', -1);
    expect(host.resident()).toEqual(['small', 'mid']);
    await load(host, 'large', -1);
    expect(host.resident()).toEqual(['large']);
    expect(host.figures()).toMatchObject({ loads: 3, mostInUse: 20 * gib });
    expect(Math.max(...host.timeline.map(({ inUse }) => inUse))).toBeLessThanOrEqual(24 * gib);
  });

  test('tokens take their time, and a client that leaves frees its slot', async () => {
    await using host = await serve('ollama', {
      loaded: ['a'],
      slots: 1,
      tokenMs: 60_000,
      reply: () => 'x'.repeat(4_000),
    });
    const leave = new AbortController();
    const body = JSON.stringify({ model: 'a', messages: [], max_tokens: 9, stream: true });
    const slow = fetch(`${host.url}/v1/chat/completions`, {
      method: 'POST',
      body,
      signal: leave.signal,
    }).then((one) => one.text());
    slow.catch(() => undefined);
    await host.called(() => true);
    const next = fetch(`${host.url}/v1/chat/completions`, {
      method: 'POST',
      body,
      signal: leave.signal,
    }).catch(() => undefined);
    await host.saw(({ event, call }) => event === 'chat' && call === 2);
    leave.abort();
    await host.saw(({ event, call }) => event === 'chatEnd' && call === 1);
    await next;
    expect(host.requests).toHaveLength(2);
    expect(host.maxConcurrent()).toBe(1);
  });

  test('an outsider swaps the model behind our back', async () => {
    await using host = await serve('ollama', { loaded: ['a'] });
    host.residency.replaceBy('b');
    expect(host.resident()).toEqual(['b']);
    await chat(host, 'a');
    expect(host.strangers).toHaveLength(1);
  });
});
