import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import { type HostTown, startHostTown } from '../../support/model/hostTown.ts';
import { startModelHost } from '../../support/modelHost.ts';

let town: HostTown;
beforeEach(async () => {
  town = await startHostTown(inject('temporalAddress'), inject('namespace'));
});
afterEach(() => town.close());

const box = (...args: Parameters<HostTown['box']>): HostSettings => town.box(...args);
const model = (...args: Parameters<HostTown['model']>): ModelSettings => town.model(...args);

const done = { outcome: 'done' } as const;

describe('one model on a host', () => {
  test('G8: is loaded and verified, then called; the reply is a blob', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => 'the reply',
    });
    await town.tend([box(host.url)], [model('a')]);
    await town.hold(`box-${town.tag}`);
    const end = await (await town.call(`a-${town.tag}`, 'x'.repeat(400))).result();
    if (end.outcome !== 'done') throw new Error(JSON.stringify(end));
    expect(await town.blobs.get(end.result.replyRef)).toBe('the reply');
    expect(end.result).toMatchObject({
      finish: 'stop',
      host: `box-${town.tag}`,
      usage: { calls: 1, promptTokens: 100, completionTokens: 3, estimated: false },
    });
    expect(host.strangers).toEqual([]);
    expect(await town.transcript()).toMatchObject([
      { turn: 1, attempt: 1, outcome: 'stop', replyRef: end.result.replyRef },
    ]);
  });

  test('a model that takes a while to load is told as loading, and as open when it is', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096, loadMs: 600 } },
      reply: () => 'the reply',
    });
    await town.tend([box(host.url)], [model('a')], { tellLoadingMs: 50 });
    await town.hold(`box-${town.tag}`);
    const key = `a-${town.tag}`;
    expect(await town.reported(({ loading }) => loading !== undefined)).toMatchObject({
      open: [],
      closed: [],
      loading: [key],
    });
    const ready = await town.reported(({ open }) => open.includes(key));
    expect(ready.loading).toBeUndefined();
  });

  test('G8: a context that an alias carries is open under its name, and calls go there', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 2_048 } },
      reply: ({ model: name }) => `from ${name}`,
    });
    await town.tend([box(host.url)], [model('a')]);
    await town.hold(`box-${town.tag}`);
    const end = await (await town.call(`a-${town.tag}`, 'hello')).result();
    if (end.outcome !== 'done') throw new Error(JSON.stringify(end));
    expect(await town.blobs.get(end.result.replyRef)).toBe('from a-ctx4096');
    expect(host.strangers).toEqual([]);
  });

  test('a context below the promise keeps the gate shut, with what to change', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 2_048, trained: 2_048 } },
      reply: () => 'never',
    });
    await town.tend([box(host.url)], [model('a')]);
    await town.hold(`box-${town.tag}`);
    const { closed, open } = await town.reported((observed) => observed.closed.length > 0);
    expect(open).toEqual([]);
    expect(closed[0]).toMatchObject({
      model: `a-${town.tag}`,
      terminal: true,
      failure: { type: 'ContextTooSmall' },
    });
    expect(closed[0]?.failure.next).toContain(`context: 2048 for model a-${town.tag}`);
    expect(host.requests).toEqual([]);
  });

  test('a host that is down opens as soon as it is up', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => 'back',
    });
    await host.down();
    await town.tend([box(host.url)], [model('a')]);
    await town.hold(`box-${town.tag}`);
    await town.reported((observed) => observed.closed[0]?.failure.type === 'HostDown');
    const call = await town.call(`a-${town.tag}`, 'hello');
    await host.up();
    expect(await call.result()).toMatchObject(done);
    expect(town.reports.at(-1)).toMatchObject({ open: [`a-${town.tag}`], closed: [] });
  });

  test('G7: a host that dies in the middle of a reply costs what it had sent, in the result of the next attempt', async () => {
    let calls = 0;
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => ((calls += 1) === 1 ? { fault: 'cut', text: 'x'.repeat(330) } : 'whole'),
    });
    await town.tend([box(host.url)], [model('a')]);
    await town.hold(`box-${town.tag}`);
    const end = await (await town.call(`a-${town.tag}`, 'y'.repeat(400))).result();
    if (end.outcome !== 'done') throw new Error(JSON.stringify(end));
    expect(end.result.usage).toEqual({ calls: 2, promptTokens: 200, completionTokens: 102, estimated: true });
    expect((await town.transcript()).map((line) => line.outcome)).toEqual(['StreamCut', 'stop']);
  });

  test('G7: a cancelled call brings what it had cost', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => ({ fault: 'stallMid', text: 'x'.repeat(330) }),
    });
    await town.tend([box(host.url)], [model('a')]);
    await town.hold(`box-${town.tag}`);
    const call = await town.call(`a-${town.tag}`, 'y'.repeat(400));
    await host.called(() => true);
    await call.cancel();
    const end = await call.result();
    expect(end).toMatchObject({
      outcome: 'cancelled',
      details: [{ usage: { calls: 1, promptTokens: 100, completionTokens: 100 } }],
    });
  });

  test('G7: a call that failed for good brings what it had cost', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => ({ fault: 'endless', word: 'again' }),
    });
    await town.tend([box(host.url)], [model('a', { maxTokens: 100_000 })]);
    await town.hold(`box-${town.tag}`);
    const end = await (await town.call(`a-${town.tag}`, 'y'.repeat(400))).result();
    expect(end).toMatchObject({
      outcome: 'failed',
      type: 'ReplyEndless',
      details: [
        { type: 'ReplyEndless' },
        { usage: { calls: 1, promptTokens: 100 }, host: `box-${town.tag}` },
      ],
    });
  });
});

describe('two models on a host that holds one', () => {
  test('G8: no call reaches a model that is not in memory, and both are served', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: {
        a: { context: 4_096, loadMs: 40, unloadMs: 20 },
        b: { context: 4_096, loadMs: 40, unloadMs: 20 },
      },
      reply: ({ model: name }) => ({ text: `from ${name}`, firstMs: 20 }),
    });
    await town.tend([box(host.url)], [model('a'), model('b')]);
    await town.hold(`box-${town.tag}`);
    const calls = [];
    for (let n = 0; n < 6; n += 1) {
      calls.push(await town.call(`a-${town.tag}`, `a ${n}`), await town.call(`b-${town.tag}`, `b ${n}`));
    }
    const ends = await Promise.all(calls.map((call) => call.result()));
    expect(ends.map((end) => end.outcome)).toEqual(Array.from({ length: 12 }, () => 'done'));
    expect(host.strangers).toEqual([]);
    expect(host.timeline.filter(({ event }) => event === 'evicted')).toEqual([]);
    expect(host.maxConcurrent()).toBeLessThanOrEqual(2);
  });
});

describe('two models on a llama.cpp router', () => {
  test('G8: are loaded and unloaded through its own paths, one at a time', async () => {
    await using host = await startModelHost({
      kind: 'llama-router',
      models: {
        a: { context: 4_096, loadMs: 60, unloadMs: 30 },
        b: { context: 4_096, loadMs: 60, unloadMs: 30 },
      },
      reply: ({ model: name }) => `from ${name}`,
    });
    await town.tend([box(host.url, { kind: 'openai' })], [model('a'), model('b')]);
    await town.hold(`box-${town.tag}`);
    const calls = [await town.call(`a-${town.tag}`, 'a'), await town.call(`b-${town.tag}`, 'b')];
    const ends = await Promise.all(calls.map((call) => call.result()));
    expect(ends.filter((end) => end.outcome !== 'done')).toEqual([]);
    expect(host.strangers).toEqual([]);
    expect(host.timeline.filter(({ event }) => event === 'evicted')).toEqual([]);
  });
});

describe('a load that comes to nothing', () => {
  test('G8: and never ends is given up after what loads of it take at most; the host goes on with the model that it had, and tries again later', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 }, b: { context: 4_096, loadMs: 3_600_000 } },
      reply: ({ model: name }) => `from ${name}`,
    });
    const [a, b] = [model('a'), model('b', { callTimeoutMs: 700 })];
    await town.tend([box(host.url)], [a, b]);
    await town.hold(`box-${town.tag}`);
    expect(await (await town.call(a.key, 'one')).result()).toMatchObject(done);
    const waiting = await town.call(b.key, 'two');
    const { closed } = await town.reported((seen) => seen.closed.some((one) => one.model === b.key));
    expect(closed).toMatchObject([
      {
        model: b.key,
        terminal: false,
        failure: {
          type: 'HostWedged',
          what: expect.stringContaining('has been loading b for 0.7 s'),
          next: expect.stringContaining(`models.${b.key}.loadTime`),
        },
      },
    ]);
    // Nobody asked for it: it is there for whoever comes.
    await host.saw(({ event, model: name }) => event === 'loadAborted' && name === 'b');
    await town.reported(({ open, closed: refused }) => open.join() === a.key && refused.length > 0);
    expect(await (await town.call(a.key, 'three')).result()).toMatchObject(done);
    host.residency.create('b', { context: 4_096 });
    expect(await waiting.result()).toMatchObject(done);
    expect(host.strangers).toEqual([]);
  });

  test('G8: at once takes no other model down with it', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 }, b: { context: 4_096 } },
      reply: ({ model: name }) => `from ${name}`,
    });
    host.misbehave({ tooLarge: ['b'] });
    const [a, b] = [model('a'), model('b')];
    await town.tend([box(host.url)], [a, b]);
    await town.hold(`box-${town.tag}`);
    expect(await (await town.call(a.key, 'one')).result()).toMatchObject(done);
    const waiting = await town.call(b.key, 'two');
    const { closed } = await town.reported((seen) => seen.closed.length > 0);
    expect(closed).toMatchObject([
      {
        model: b.key,
        terminal: false,
        failure: {
          ...{ type: 'ModelNotResident', what: expect.stringContaining('could not load b') },
          evidence: expect.stringContaining('requires more system memory'),
        },
      },
    ]);
    await town.reported(({ open, closed: refused }) => open.join() === a.key && refused.length > 0);
    expect(await (await town.call(a.key, 'three')).result()).toMatchObject(done);
    host.misbehave({ tooLarge: [] });
    expect(await waiting.result()).toMatchObject(done);
    expect(host.strangers).toEqual([]);
  });

  test('G8: of the only model of a host is tried again soon: nobody loses anything by it', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096, loadMs: 3_600_000 } },
      reply: () => 'there',
    });
    await town.tend([box(host.url)], [model('a', { callTimeoutMs: 700 })], { failedLoadMaxMs: 3_600_000 });
    await town.hold(`box-${town.tag}`);
    await host.saw(({ event }) => event === 'loadAborted');
    host.residency.create('a', { context: 4_096 });
    expect(await (await town.call(`a-${town.tag}`, 'hello')).result()).toMatchObject(done);
  });
});

describe('two models together', () => {
  test('are both open on a host that holds both, and share its places', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      maxLoaded: 2,
      models: { a: { context: 4_096 }, b: { context: 4_096 } },
      reply: ({ model: name }) => ({ text: `from ${name}`, firstMs: 30 }),
    });
    await town.tend([box(host.url, { coresident: true })], [model('a'), model('b')]);
    await town.hold(`box-${town.tag}`);
    await town.reported((observed) => observed.open.length === 2);
    const calls = [];
    for (let n = 0; n < 4; n += 1) {
      calls.push(await town.call(`a-${town.tag}`, `a ${n}`), await town.call(`b-${town.tag}`, `b ${n}`));
    }
    const ends = await Promise.all(calls.map((call) => call.result()));
    expect(ends.filter((end) => end.outcome !== 'done')).toEqual([]);
    expect(host.strangers).toEqual([]);
    expect(host.maxConcurrent()).toBeLessThanOrEqual(2);
  });

  test('G8: take turns when the server turns out to hold only one', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      maxLoaded: 1,
      models: { a: { context: 4_096 }, b: { context: 4_096 } },
      reply: ({ model: name }) => `from ${name}`,
    });
    await town.tend([box(host.url, { coresident: true })], [model('a'), model('b')]);
    await town.hold(`box-${town.tag}`);
    await town.reported((observed) => observed.open.length === 1);
    const calls = [await town.call(`a-${town.tag}`, 'a'), await town.call(`b-${town.tag}`, 'b')];
    const ends = await Promise.all(calls.map((call) => call.result()));
    expect(ends.filter((end) => end.outcome !== 'done')).toEqual([]);
    expect(host.strangers).toEqual([]);
  });
});

describe('a host that is not what it should be', () => {
  test('a web page is refused with what it said', async () => {
    await using host = await startModelHost({
      kind: 'openai',
      models: { a: { context: 4_096 } },
      reply: () => 'never',
    });
    host.impose('html');
    await town.tend([box(host.url, { kind: 'openai' })], [model('a')]);
    await town.hold(`box-${town.tag}`);
    const { closed } = await town.reported((observed) => observed.closed.length > 0);
    expect(closed[0]).toMatchObject({ terminal: true, failure: { type: 'NotAModelServer' } });
    expect(closed[0]?.failure.evidence).toContain('Router login');
    host.impose(undefined);
    await town.reported((observed) => observed.open.length === 1);
  });

  test('G3: a server that is green on every page and generates nothing is told as hanging, by the calls that stall', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => 'never',
    });
    await town.tend([box(host.url)], [model('a', { firstTokenMs: 500 })], { recheckMs: 60_000 });
    await town.hold(`box-${town.tag}`);
    await town.reported(({ open }) => open.length > 0);
    host.misbehave({ deadScheduler: true });
    const call = await town.call(`a-${town.tag}`, 'hello', { attempts: 1 });
    const { closed } = await town.reported((observed) => observed.closed.length > 0);
    expect(closed[0]).toMatchObject({ terminal: false, failure: { type: 'HostWedged' } });
    expect(closed[0]?.failure.what).toContain('lists a as ready and generates nothing');
    expect(await call.result()).toMatchObject({ outcome: 'failed', type: 'FirstTokenTimeout' });
  });

  test('G8: a context that a call proved too small closes the gate, whatever the server says of it', async () => {
    await using host = await startModelHost({
      kind: 'openai',
      models: { a: { context: 32_768 } },
      reply: () => ({ text: 'fine', usage: { prompt_tokens: 1_024, completion_tokens: 1 } }),
    });
    await town.tend([box(host.url, { kind: 'openai' })], [model('a', { context: 32_768 })]);
    await town.hold(`box-${town.tag}`);
    const end = await (await town.call(`a-${town.tag}`, 'y '.repeat(20_000))).result();
    expect(end).toMatchObject({ outcome: 'failed', type: 'ContextTooSmall' });
    const { closed } = await town.reported((observed) => observed.closed.length > 0);
    expect(closed[0]).toMatchObject({ terminal: true, failure: { type: 'ContextTooSmall' } });
  });

  test('G8: a model that somebody else drove out is loaded again before the next call', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => 'fine',
    });
    await town.tend([box(host.url)], [model('a')], { recheckMs: 50 });
    await town.hold(`box-${town.tag}`);
    await town.reported((observed) => observed.open.length === 1);
    host.residency.evict('a');
    await town.reported((observed) => observed.closed[0]?.failure.type === 'ModelNotResident');
    expect(await (await town.call(`a-${town.tag}`, 'hello')).result()).toMatchObject(done);
    expect(host.strangers).toEqual([]);
  });
});

describe('the lease', () => {
  test('is given back at a quiet moment after its time', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => 'fine',
    });
    await town.tend([box(host.url)], [model('a')]);
    await (await town.hold(`box-${town.tag}`, { maxMs: 200 })).result();
    expect(town.reports.at(-1)).toMatchObject({ open: [] });
  });

  test('a cancelled one closes its gates, and the call that ran is sent back', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => ({ fault: 'stallMid', text: 'half' }),
    });
    await town.tend([box(host.url)], [model('a')]);
    const lease = await town.hold(`box-${town.tag}`);
    const call = await town.call(`a-${town.tag}`, 'hello', { attempts: 1 });
    await host.called(() => true);
    await lease.cancel();
    await expect(lease.result()).rejects.toThrow();
    expect(await call.result()).toMatchObject({ outcome: 'failed', type: 'LeaseLost' });
    expect(town.reports.at(-1)).toMatchObject({ open: [] });
  });

  test('a worker that stops gives it back, and the next one serves', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => 'fine',
    });
    const first = await town.tend([box(host.url)], [model('a')]);
    const lease = await town.hold(`box-${town.tag}`);
    await town.reported((observed) => observed.open.length === 1);
    await first.stop();
    await lease.result();
    await town.tend([box(host.url)], [model('a')]);
    await town.hold(`box-${town.tag}`);
    expect(await (await town.call(`a-${town.tag}`, 'hello')).result()).toMatchObject(done);
  });

  test('G5 G7: SIGKILL of the process that holds it: another takes over, and the lost tokens are charged', async () => {
    let calls = 0;
    await using host = await startModelHost({
      kind: 'ollama',
      models: { a: { context: 4_096 } },
      reply: () => ((calls += 1) === 1 ? { fault: 'stallMid', text: 'x'.repeat(330) } : 'whole'),
    });
    const child = await town.tendElsewhere(box(host.url), [model('a')]);
    await town.hold(`box-${town.tag}`, { heartbeatMs: 800 });
    const call = await town.call(`a-${town.tag}`, 'y'.repeat(400), { heartbeatMs: 800 });
    await host.called(() => true);
    // The beat that carries the cost is thrown to the server at once, so wait until it is there.
    await town.beaten(call.workflowId);
    child.kill('SIGKILL');
    await town.tend([box(host.url)], [model('a')]);
    const end = await call.result();
    expect(end).toMatchObject({ outcome: 'done', result: { usage: { calls: 2, estimated: true } } });
    if (end.outcome === 'done') expect(end.result.usage.promptTokens).toBe(200);
  });
});
