import { describe, expect, test } from 'vitest';
import { adapterAt, failsAs, modelNamed, never } from '../../../support/model/settings.ts';
import { type ModelHost, type ModelHostScript, startModelHost } from '../../../support/modelHost.ts';

const serve = (over: Partial<ModelHostScript> = {}): Promise<ModelHost> =>
  startModelHost({
    kind: 'ollama',
    models: {
      a: { context: 4_096, loadMs: 40, unloadMs: 20 },
      b: { context: 4_096, loadMs: 40, unloadMs: 20 },
    },
    reply: ({ model }) => `from ${model}`,
    ...over,
  });
const [a, b] = [modelNamed('a'), modelNamed('b')];
const events = (host: ModelHost, ...names: readonly string[]): string[] =>
  host.timeline.filter(({ event }) => names.includes(event)).map(({ event, model }) => `${event} ${model}`);

describe('G8 loading and unloading on an Ollama', () => {
  test('is verified, told with what it took, and does nothing twice', async () => {
    await using host = await serve();
    const adapter = adapterAt(host.url, 'ollama');
    const first = await adapter.load(a, [], never);
    expect(first).toMatchObject({ context: 4_096, unloadMs: 0, remarks: [] });
    expect(first.loadMs).toBeGreaterThan(0);
    const again = await adapter.load(a, [], never);
    expect(again).toMatchObject({ context: 4_096, loadMs: 0 });
    expect(events(host, 'loaded')).toEqual(['loaded a']);
    expect(await adapter.unload(a, never)).toBeGreaterThan(0);
    await adapter.unload(a, never);
    expect(host.resident()).toEqual([]);
    expect(events(host, 'unloaded')).toEqual(['unloaded a']);
  });

  test('what is in the way is gone before the load begins: the server never has to evict', async () => {
    await using host = await serve();
    const adapter = adapterAt(host.url, 'ollama');
    await adapter.load(a, [], never);
    const { unloadMs } = await adapter.load(b, [], never);
    expect(unloadMs).toBeGreaterThan(0);
    expect(events(host, 'load', 'loaded', 'unload', 'unloaded', 'evict')).toEqual([
      ...['load a', 'loaded a', 'unload a', 'unloaded a', 'load b', 'loaded b'],
    ]);
  });

  test('a model that is kept already is not kept again: somebody’s load may be waiting for it to go', async () => {
    await using host = await serve();
    const adapter = adapterAt(host.url, 'ollama');
    await adapter.load(a, [], never);
    const before = host.timeline.length;
    await adapter.load(a, [], never);
    expect(host.timeline.slice(before).filter(({ path }) => path === '/api/generate')).toEqual([]);
    // One that somebody’s call has loaded is kept from then on.
    host.residency.replaceBy('a');
    await adapter.load(a, [], never);
    expect((await adapter.resident(never))[0]?.kept).toBe(true);
  });

  test('two loads at once come one after the other', async () => {
    await using host = await serve({ maxLoaded: 2 });
    const adapter = adapterAt(host.url, 'ollama');
    await Promise.all([
      adapter.load(a, [b], never),
      adapter.load(b, [a], never),
      adapter.load(a, [b], never),
    ]);
    expect(events(host, 'load', 'loaded')).toEqual(['load a', 'loaded a', 'load b', 'loaded b']);
    expect(new Set(host.resident())).toEqual(new Set(['a', 'b']));
  });

  test('an eviction that waits for a busy model is never lost by a keep_alive of ours', async () => {
    let finish = (): void => undefined;
    const busy = new Promise<string>((resolve) => {
      finish = () => resolve('done');
    });
    await using host = await serve({ reply: () => busy });
    const adapter = adapterAt(host.url, 'ollama');
    await adapter.load(a, [], never);
    const call = fetch(`${host.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'a', messages: [], max_tokens: 9 }),
    });
    await host.called(() => true);
    const swap = adapter.load(b, [], never);
    await host.saw(({ event }) => event === 'unload');
    // A second wish of the town for the victim waits in line, instead of keeping it alive.
    const back = adapter.load(a, [b], never).catch(() => undefined);
    finish();
    await (await call).text();
    await swap;
    expect(events(host, 'load', 'unload', 'unloaded').slice(0, 4)).toEqual([
      ...['load a', 'unload a', 'unloaded a', 'load b'],
    ]);
    await back;
  });
});

describe('G8 a context', () => {
  test('that the model’s own name does not carry is carried by an alias of the town', async () => {
    await using host = await serve();
    const adapter = adapterAt(host.url, 'ollama');
    const large = modelNamed('a', { context: 16_384 });
    const { context, model } = await adapter.load(large, [], never);
    expect({ context, name: model.name }).toEqual({ context: 16_384, name: 'a-ctx16384' });
    expect(await adapter.check(model, never)).toEqual({ context: 16_384 });
    // The second time it is there already, and nothing is made anew.
    expect(await adapter.load(large, [], never)).toMatchObject({ loadMs: 0 });
    expect(host.residency.names()).toEqual(['a', 'b', 'a-ctx16384']);
    await adapter.unload(large, never);
    expect(host.resident()).toEqual([]);
  });

  test('that the weights were not made for is refused before anything is loaded', async () => {
    await using host = await serve({ models: { a: { context: 4_096, trained: 8_192 } } });
    const adapter = adapterAt(host.url, 'ollama');
    const told = await failsAs(
      adapter.load(modelNamed('a', { context: 16_384 }), [], never),
      'ContextTooSmall',
    );
    expect(told).toContain('8192');
    expect(events(host, 'load')).toEqual([]);
  });

  test('that somebody’s other name has made smaller is no longer ours, and the next load mends it', async () => {
    await using host = await serve();
    const adapter = adapterAt(host.url, 'ollama');
    const large = modelNamed('a', { context: 16_384 });
    const { model } = await adapter.load(large, [], never);
    await host.residency.load('a');
    const told = await failsAs(adapter.check(model, never), 'ModelNotResident');
    expect(told).toContain('has 4096 tokens, 16384 are promised');
    expect(await adapter.load(large, [], never)).toMatchObject({ context: 16_384 });
  });
});

describe('G3 an Ollama that does not do what it says', () => {
  const impatient = { patience: { proveMs: 150, loadMs: 100 } };
  const quick = modelNamed('a', { callTimeoutMs: 400, firstTokenMs: 150 });

  test('says loaded, and is not', async () => {
    await using host = await serve({ manners: { liesLoaded: true } });
    const told = await failsAs(adapterAt(host.url, 'ollama').load(quick, [], never), 'HostWedged');
    expect(told).toContain('did not get a into memory');
  });

  test('never ends a load', async () => {
    await using host = await serve({ manners: { neverLoads: true } });
    const told = await failsAs(adapterAt(host.url, 'ollama').load(quick, [], never), 'HostWedged');
    expect(told).toContain('has been loading a');
    // Our giving up ends the load, so that the server is free for the next.
    await host.saw(({ event }) => event === 'loadAborted');
  });

  test('never ends an unload', async () => {
    await using host = await serve();
    const adapter = adapterAt(host.url, 'ollama');
    await adapter.load(a, [], never);
    host.misbehave({ neverUnloads: true });
    expect(await failsAs(adapter.unload(quick, never), 'HostWedged')).toContain('did not unload a');
  });

  test('is green on every page, and generates nothing', async () => {
    await using host = await serve();
    const adapter = adapterAt(host.url, 'ollama', {}, impatient);
    await adapter.load(a, [], never);
    host.misbehave({ deadScheduler: true });
    expect(await adapter.check(a, never)).toEqual({ context: 4_096 });
    expect(await failsAs(adapter.prove(a, never), 'HostWedged')).toContain(
      'lists a as ready and generates nothing',
    );
  });

  test('lists a runner that has died: the load starts it anew', async () => {
    await using host = await serve();
    const adapter = adapterAt(host.url, 'ollama');
    await adapter.load(a, [], never);
    host.residency.kill('a');
    expect((await adapter.resident(never)).map(({ name }) => name)).toEqual(['a:latest']);
    await adapter.load(a, [], never);
    expect(events(host, 'died', 'loaded')).toEqual(['loaded a', 'died a', 'loaded a']);
    await adapter.prove(a, never);
  });

  test('a model that is gone is told as not resident, an unknown one as missing', async () => {
    await using host = await serve();
    const adapter = adapterAt(host.url, 'ollama');
    await adapter.load(a, [], never);
    host.residency.evict('a');
    await failsAs(adapter.check(a, never), 'ModelNotResident');
    await failsAs(adapter.load(modelNamed('nope'), [], never), 'ModelMissing');
  });
});

describe('a host that is shared', () => {
  const gib = 2 ** 30;
  const models = {
    a: { context: 4_096, bytes: 8 * gib },
    theirs: { context: 4_096, bytes: 3 * gib },
    large: { context: 4_096, bytes: 20 * gib },
  };

  test('what others hold within the reserve stays, and what is beyond goes', async () => {
    await using host = await serve({ models, memory: 24 * gib, loaded: ['theirs'] });
    const shared = { memoryBytes: 24 * gib, reserveBytes: 4 * gib };
    const adapter = adapterAt(host.url, 'ollama', shared, { own: [a] });
    await adapter.load(a, [], never);
    expect(new Set(host.resident())).toEqual(new Set(['theirs', 'a']));
    await adapterAt(host.url, 'ollama', { ...shared, reserveBytes: gib }, { own: [a] }).load(a, [], never);
    expect(host.resident()).toEqual(['a']);
  });

  test('a model that takes more than it is planned with, or is partly outside the cards, is remarked', async () => {
    await using host = await serve({ models, memory: 16 * gib });
    const planned = modelNamed('large', { memoryBytes: 18 * gib });
    const { remarks, bytes } = await adapterAt(host.url, 'ollama').load(planned, [], never);
    expect(bytes).toBe(20 * gib);
    expect(remarks).toMatchObject([
      { what: expect.stringContaining('takes 20.0 GiB'), next: expect.stringContaining('memory: 20480MiB') },
      {
        what: expect.stringContaining('not wholly in graphics memory'),
        evidence: expect.stringContaining('16.0 GiB of 20.0 GiB'),
      },
    ]);
  });
});

test('a probe tells each thing with where it comes from, and loads nothing', async () => {
  await using host = await serve({
    models: { a: { context: 4_096, bytes: 1_000 }, b: { context: 4_096 } },
    loaded: ['a'],
  });
  const probe = await adapterAt(host.url, 'ollama', { memoryBytes: 2 ** 34 }).probe(never);
  expect(probe).toMatchObject({
    flavours: ['ollama'],
    version: { value: '0.17.4', from: 'measured' },
    models: { value: ['a', 'b'], from: 'measured' },
    memory: { value: 2 ** 34, from: 'configured', by: 'hosts.desk.memory' },
    slots: { value: 2, from: 'configured', by: 'hosts.desk.slots' },
    waiting: { value: undefined, from: 'unknown' },
    resident: {
      value: [{ name: 'a:latest', context: { value: 4_096, from: 'measured' }, bytes: { value: 1_000 } }],
    },
    capabilities: { unload: { value: true }, tools: { value: true }, tokenizer: { value: false } },
  });
  expect(events(host, 'load', 'chat')).toEqual([]);
});
