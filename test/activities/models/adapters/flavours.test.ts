import { describe, expect, test } from 'vitest';
import type { Flavour as Found } from '../../../../workflows/domain/host/probe.ts';
import { adapterAt, failsAs, modelNamed, never } from '../../../support/model/settings.ts';
import {
  type Flavour,
  type ModelHost,
  type ModelHostScript,
  startModelHost,
} from '../../../support/modelHost.ts';

const model = { context: 4_096, loadMs: 30, unloadMs: 15 };
const serve = (kind: Flavour, over: Partial<ModelHostScript> = {}): Promise<ModelHost> =>
  startModelHost({
    kind,
    models: { a: model, b: model },
    reply: ({ model: name }) => `from ${name}`,
    ...over,
  });
const [a, b] = [modelNamed('a'), modelNamed('b')];
const events = (host: ModelHost, ...names: readonly string[]): string[] =>
  host.timeline
    .filter(({ event }) => names.includes(event))
    .map(({ event, model: name }) => `${event} ${name}`);
const call = (host: ModelHost, name: string): Promise<Response> =>
  fetch(`${host.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: name, messages: [], max_tokens: 9, stream: true }),
  });

describe('kind openai finds out what it is, and loads nothing by that', () => {
  test.each<[Flavour, readonly Found[], object]>([
    [
      'llama-server',
      ['llama-server'],
      { software: { value: 'llama.cpp' }, slots: { value: 1, from: 'measured' } },
    ],
    ['llama-router', ['llama-router', 'llama-server'], { software: { value: 'llama.cpp' } }],
    [
      'llama-swap',
      ['llama-swap'],
      { version: { value: 'v250' }, memory: { value: 9_000, from: 'measured' } },
    ],
    ['vllm', ['vllm'], { version: { value: '0.14.0' }, running: { value: 0, from: 'measured' } }],
    ['openai', ['vllm'], { software: { value: 'vLLM' } }],
    ['ollama', ['ollama'], { software: { value: 'Ollama' } }],
  ])('%s is %j', async (kind, flavours, told) => {
    const models = kind === 'llama-server' || kind === 'vllm' ? { a: model } : { a: model, b: model };
    await using host = await serve(kind, { models, memory: 9_000 });
    const probe = await adapterAt(host.url, 'openai').probe(never);
    expect(probe).toMatchObject({ ...told, flavours });
    expect(probe.models.value).toContain('a');
    expect(events(host, 'load', 'chat')).toEqual([]);
  });

  test('a server of which nothing is known is believed in what it lists', async () => {
    await using host = await serve('openai');
    const adapter = adapterAt(host.url, 'openai');
    expect(await adapter.load(a, [], never)).toMatchObject({ context: 4_096, loadMs: 0 });
    expect(await adapter.unload(a, never)).toBe(0);
    expect(host.resident()).toContain('a');
    await failsAs(adapter.load(modelNamed('nope'), [], never), 'ModelMissing');
    const large = modelNamed('a', { context: 8_192 });
    expect(await failsAs(adapter.load(large, [], never), 'ContextTooSmall')).toContain('4096');
  });
});

describe.each(['llama-router', 'llama-swap'] as const)('G8 %s', (kind) => {
  test('loads and unloads by its own paths, verified, and nothing twice', async () => {
    await using host = await serve(kind);
    const adapter = adapterAt(host.url, 'openai');
    const first = await adapter.load(a, [], never);
    expect(first).toMatchObject({ context: 4_096, unloadMs: 0 });
    expect(first.loadMs).toBeGreaterThan(0);
    expect(await adapter.load(a, [], never)).toMatchObject({ loadMs: 0 });
    expect((await adapter.load(b, [], never)).unloadMs).toBeGreaterThan(0);
    await failsAs(adapter.check(a, never), 'ModelNotResident');
    // What only a question tells that may load a model is asked of llama-swap once, after the load.
    expect(await adapter.check(b, never)).toEqual({ context: kind === 'llama-swap' ? undefined : 4_096 });
    await adapter.unload(b, never);
    await adapter.unload(b, never);
    expect(host.resident()).toEqual([]);
    expect(events(host, 'load', 'loaded', 'unload', 'unloaded', 'evict')).toEqual([
      ...['load a', 'loaded a', 'unload a', 'unloaded a', 'load b', 'loaded b', 'unload b', 'unloaded b'],
    ]);
  });

  test('keeps what is to be kept beside it', async () => {
    await using host = await serve(kind, { maxLoaded: 2 });
    const adapter = adapterAt(host.url, 'openai');
    await adapter.load(a, [], never);
    await adapter.load(b, [a], never);
    expect(host.resident()).toEqual(['a', 'b']);
  });

  test('that never ends a load is told so', async () => {
    await using host = await serve(kind, { manners: { neverLoads: true } });
    const quick = modelNamed('a', { callTimeoutMs: 300 });
    await failsAs(adapterAt(host.url, 'openai').load(quick, [], never), 'HostWedged');
  });

  test('that generates nothing although its pages are green is told so', async () => {
    await using host = await serve(kind);
    const adapter = adapterAt(host.url, 'openai', {}, { patience: { proveMs: 150 } });
    await adapter.load(a, [], never);
    host.misbehave({ deadScheduler: true });
    await adapter.check(a, never);
    await failsAs(adapter.load(a, [], never), 'HostWedged');
  });

  test('a context below the promise is refused', async () => {
    await using host = await serve(kind);
    const large = modelNamed('a', { context: 8_192 });
    await failsAs(adapterAt(host.url, 'openai').load(large, [], never), 'ContextTooSmall');
  });
});

describe('llama-swap', () => {
  test('is seen through to what it stands before, once that is up', async () => {
    await using host = await serve('llama-swap', { loaded: ['a'] });
    const probe = await adapterAt(host.url, 'openai').probe(never);
    expect(probe.flavours).toEqual(['llama-swap', 'llama-server']);
    expect(probe.resident.value).toMatchObject([{ name: 'a', context: { value: 4_096, from: 'measured' } }]);
    expect(probe.capabilities.tools).toMatchObject({ value: true });
  });

  test('a check asks nothing that could load a model', async () => {
    await using host = await serve('llama-swap', { loaded: ['a'] });
    await adapterAt(host.url, 'openai').check(a, never);
    const asked = host.timeline.map(({ path }) => path ?? '');
    expect(asked.filter((path) => path.startsWith('/upstream'))).toEqual([]);
  });

  test('lists a model as loaded while it starts, which is not believed', async () => {
    let go = (): void => undefined;
    await using host = await serve('llama-swap', { manners: { neverLoads: true } });
    void fetch(`${host.url}/upstream/a/health`, { signal: AbortSignal.timeout(20_000) }).catch(() => go());
    await host.saw(({ event }) => event === 'load');
    const listed = (await (await fetch(`${host.url}/v1/models`)).json()) as {
      data: { id: string; status?: unknown }[];
    };
    expect(listed.data.find(({ id }) => id === 'a')?.status).toEqual({ value: 'loaded' });
    expect(await failsAs(adapterAt(host.url, 'openai').check(a, never), 'ModelNotResident')).toContain(
      'loading',
    );
    go = (): void => undefined;
  });

  test('a name with slashes and spaces stays one model', async () => {
    const name = 'team/a model#1';
    await using host = await serve('llama-swap', { models: { [name]: model } });
    const adapter = adapterAt(host.url, 'openai');
    await adapter.load(modelNamed(name), [], never);
    expect(host.resident()).toEqual([name]);
    await adapter.unload(modelNamed(name), never);
    expect(host.resident()).toEqual([]);
  });
});

describe('vLLM with its sleep mode', () => {
  const one = { models: { a: model } };

  test('is put to sleep and woken, and nothing twice', async () => {
    await using host = await serve('vllm', one);
    const adapter = adapterAt(host.url, 'openai', { sleep: true });
    await adapter.unload(a, never);
    await adapter.unload(a, never);
    expect(host.resident()).toEqual([]);
    await failsAs(adapter.check(a, never), 'ModelNotResident');
    expect((await adapter.load(a, [], never)).loadMs).toBeGreaterThan(0);
    expect(await adapter.load(a, [], never)).toMatchObject({ loadMs: 0 });
    expect(events(host, 'unloaded', 'loaded')).toEqual(['unloaded a', 'loaded a']);
    expect(events(host, 'stranger')).toEqual([]);
  });

  test('is not put to sleep during a call, which would crash it', async () => {
    let finish = (): void => undefined;
    const held = new Promise<string>((resolve) => {
      finish = () => resolve('done');
    });
    await using host = await serve('vllm', { ...one, reply: () => held });
    const answer = call(host, 'a');
    await host.called(() => true);
    const sleep = adapterAt(host.url, 'openai', { sleep: true }).unload(a, never);
    await host.saw(({ path }) => path === '/metrics');
    finish();
    expect(await (await answer).text()).toContain('[DONE]');
    await sleep;
    expect(events(host, 'chatEnd', 'unload')).toEqual(['chatEnd a', 'unload a']);
  });

  test('a sleeping one is not called, and not woken without leave', async () => {
    await using host = await serve('vllm', { ...one, loaded: [] });
    const told = await failsAs(adapterAt(host.url, 'openai').load(a, [], never), 'HostRefused');
    expect(told).toContain('hosts.desk.sleep: true');
    expect(events(host, 'chat', 'loaded')).toEqual([]);
  });

  test('one that was started without it is told with the flags', async () => {
    await using host = await serve('vllm', { ...one, sleepMode: false });
    const adapter = adapterAt(host.url, 'openai', { sleep: true });
    expect(await failsAs(adapter.unload(a, never), 'HostRefused')).toContain('--enable-sleep-mode');
    await adapter.load(a, [], never);
  });
});

test.each(['llama-server', 'vllm'] as const)('%s counts prompts by itself', async (kind) => {
  await using host = await serve(kind, { models: { a: model } });
  const counted = await adapterAt(host.url, 'openai').countTokens(
    a,
    [{ role: 'user', content: 'x'.repeat(400) }],
    never,
  );
  expect(counted?.tokens).toBe(100);
});
