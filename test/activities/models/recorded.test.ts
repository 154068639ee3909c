import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { createAdapter } from '../../../activities/models/adapters/adapter.ts';
import { chat } from '../../../activities/models/chat.ts';
import { createTokenGauge } from '../../../activities/models/tokens.ts';
import type { HostKind, HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import { type Exchange, readExchange, serveRecorded } from '../../support/model/recorded.ts';

const model = (over: Partial<ModelSettings> = {}): ModelSettings => ({
  key: 'tiny',
  name: 'tiny-a',
  context: 2_048,
  maxTokens: 500,
  temperature: 0,
  tier: 'standard',
  hosts: ['box'],
  firstTokenMs: 5_000,
  idleMs: 5_000,
  callTimeoutMs: 20_000,
  ...over,
});

const box = (url: string, kind: HostKind): HostSettings => ({
  name: 'box',
  kind,
  url,
  slots: 1,
  coresident: false,
  apiKeyEnv: undefined,
  quiet: [],
});

const never = new AbortController().signal;
const kindOf = (name: string): HostKind => (name.startsWith('ollama/') ? 'ollama' : 'openai');

const replay = async (name: string, options: { estimatedTokens?: number; exchange?: Exchange } = {}) => {
  const exchange = options.exchange ?? (await readExchange(name));
  // The recorder's reading broke off where the connection did.
  const broke = exchange.read_error !== undefined && exchange.read_error !== null;
  await using server = await serveRecorded({ '/v1/chat/completions': exchange }, { break: broke });
  return await chat({
    host: box(server.url, kindOf(name)),
    model: model(),
    messages: [{ role: 'user', content: 'hello' }],
    estimatedTokens: options.estimatedTokens ?? 17,
    apiKey: undefined,
    gauge: createTokenGauge(),
    signal: never,
    onUsage: () => undefined,
  });
};

const failureOf = async (work: Promise<unknown>): Promise<ApplicationFailure> => {
  const error = await work.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ApplicationFailure) return error;
  throw error;
};

describe('recorded answers of real servers', () => {
  test.each([
    ['ollama/chat-stream-usage', 'length', { promptTokens: 17, completionTokens: 20, estimated: false }],
    ['ollama/chat-stream-stop', 'stop', { promptTokens: 17, completionTokens: 126, estimated: false }],
    [
      'llama-server/chat-stream-usage',
      'length',
      { promptTokens: 17, completionTokens: 20, estimated: false },
    ],
    ['llama-server/chat-stop-stream', 'stop', { promptTokens: 17, completionTokens: 141, estimated: false }],
    // No usage was asked for, but llama.cpp's timings tell.
    ['llama-server/chat-stream', 'length', { promptTokens: 17, completionTokens: 4, estimated: false }],
  ] as const)('%s is a reply that ended by %s', async (name, finish, usage) => {
    const reply = await replay(name);
    expect(reply.finish).toBe(finish);
    expect(reply.usage).toMatchObject(usage);
    expect(reply.text).not.toBe('');
  });

  test.each(['ollama/chat-stream', 'llama-cpp-python/chat-stream-usage'])(
    'G7: %s, which reports no usage, is charged by estimate',
    async (name) => {
      const { usage } = await replay(name);
      expect(usage).toMatchObject({ promptTokens: 17, estimated: true });
      expect(usage.completionTokens).toBeGreaterThan(3);
    },
  );

  test.each([
    ['ollama/crash-v1-stream', 'StreamCut', 'finish reason and [DONE]'],
    ['ollama/server-term', 'StreamCut', 'aborted'],
    ['llama-server/crash-stream', 'StreamCut', 'aborted'],
    ['llama-server/term-stream', 'StreamCut', 'aborted'],
    ['llama-cpp-python/interrupted', 'StreamCut', 'without a finish reason'],
    ['ollama/loop-stream', 'ReplyEndless', '"the" over and over'],
    ['ollama/crash-v1', 'HostDown', 'status 500'],
    ['ollama/chat-unknown-model-stream', 'ModelMissing', 'ollama pull'],
    ['llama-server/router-chat-unknown', 'ModelMissing', "model 'nope' not found"],
    ['llama-server/router-chat-autoload-off', 'ModelNotResident', 'model is not loaded'],
    ['ollama/queue-full-stream', 'HostBusy', 'maximum pending requests exceeded'],
    ['llama-server/chat-loading', 'HostBusy', 'still loading'],
    ['llama-server/key-missing', 'HostRefused', 'apiKeyEnv'],
    ['ollama/tools-unsupported', 'HostRefused', 'does not support tools'],
    ['ollama/not-found', 'NotAModelServer', '404 page not found'],
  ])('%s is %s', async (name, type, evidence) => {
    const error = await failureOf(replay(name));
    expect(error.type).toBe(type);
    expect(error.message).toContain(evidence);
  });

  test.each([
    'llama-server/overflow-stream',
    'llama-cpp-python/overflow',
    'llama-cpp-python/overflow-stream',
  ])('%s is ContextOverflow', async (name) => {
    expect((await failureOf(replay(name, { estimatedTokens: 4_214 }))).type).toBe('ContextOverflow');
  });

  test('the bare last words of a proxy are StreamCut, with the words', async () => {
    const { stream_tail: tail } = await readExchange('llama-server/router-unload-busy');
    const whole = await readExchange('llama-server/chat-stream');
    const text = tail?.slice(tail.indexOf('data:')) ?? '';
    const exchange = { ...whole, response: { ...whole.response, text } };
    const error = await failureOf(replay('llama-server/router-unload-busy', { exchange }));
    expect(error.type).toBe('StreamCut');
    expect(error.message).toContain('proxy error: Failed to read connection');
  });

  test.each([
    ['ollama/overflow-one-message', 2_400, true],
    ['ollama/overflow-history', 6_004, true],
    ['ollama/overflow-history', 1_000, false],
  ])('the token count of %s shows whether a prompt of %i tokens was cut', async (name, estimated, cut) => {
    const { response } = await readExchange(name);
    const counted = (response.body as { usage: { prompt_tokens: number } }).usage.prompt_tokens;
    expect(createTokenGauge().wasCut(estimated, counted)).toBe(cut);
  });
});

describe('G8: recorded residency of real servers', () => {
  const adapterFor = async (kind: HostKind, names: Readonly<Record<string, string>>) => {
    const pairs = await Promise.all(
      Object.entries(names).map(async ([path, name]) => [path, await readExchange(name)] as const),
    );
    const server = await serveRecorded(Object.fromEntries(pairs));
    return { server, adapter: createAdapter(box(server.url, kind), undefined) };
  };
  const ollama = (ps: string, show = 'ollama/show') =>
    adapterFor('ollama', {
      '/api/ps': ps,
      '/api/show': show,
      '/api/generate': 'ollama/load',
      '/v1/chat/completions': 'ollama/chat-stream-usage',
    });

  test('an Ollama model with the promised context is ready', async () => {
    const { server, adapter } = await ollama('ollama/ps-loaded');
    await using _ = server;
    expect(await adapter.load(model({ context: 4_096 }), [], never)).toMatchObject({ context: 4_096 });
    // It is listed as kept until the year 2319, so nothing is told to keep it.
    expect(server.asked).not.toContain('POST /api/generate');
    expect(server.asked.at(-1)).toBe('POST /v1/chat/completions');
  });

  test('an alias is resident when another alias of its weights is', async () => {
    const { server, adapter } = await ollama('ollama/alias-ps-two-same-ctx', 'ollama/show-alias');
    await using _ = server;
    expect(await adapter.check(model({ name: 'tiny-a-2k-too' }), never)).toEqual({ context: 2_048 });
  });

  test('a context that the server cut to what the model was trained for is too small', async () => {
    const { server, adapter } = await ollama('ollama/ps-alias-beyond-train');
    await using _ = server;
    const error = await failureOf(adapter.check(model({ context: 16_384 }), never));
    expect(error.type).toBe('ContextTooSmall');
    expect(error.message).toContain('8192');
  });

  test('a model that is not in memory is not resident, and an unknown one is missing', async () => {
    const { server, adapter } = await ollama('ollama/ps-empty');
    await using _ = server;
    expect((await failureOf(adapter.check(model(), never))).type).toBe('ModelNotResident');
    const unknown = await ollama('ollama/ps-empty', 'ollama/show-unknown');
    await using __ = unknown.server;
    expect((await failureOf(unknown.adapter.load(model(), [], never))).type).toBe('ModelMissing');
  });

  const llama = (models = 'llama-server/v1-models') =>
    adapterFor('openai', {
      '/v1/models': models,
      '/props': 'llama-server/props',
      '/v1/chat/completions': 'llama-server/chat-stream-usage',
    });

  test('llama-server gives each slot its share of -c', async () => {
    const { server, adapter } = await llama();
    await using _ = server;
    expect(await adapter.load(model(), [], never)).toMatchObject({ context: 2_048 });
    const error = await failureOf(adapter.load(model({ context: 4_096 }), [], never));
    expect(error.type).toBe('ContextTooSmall');
    expect(error.message).toContain('-c 4096 -np 1');
  });

  test('a server that answers to any name is asked for its own', async () => {
    const { server, adapter } = await llama('llama-server/v1-models-no-alias');
    await using _ = server;
    const error = await failureOf(adapter.load(model(), [], never));
    expect(error.type).toBe('ModelMissing');
    expect(error.message).toContain('tiny-a.gguf');
  });

  test('a server that still loads is busy', async () => {
    const { server, adapter } = await llama('llama-server/v1-models-loading');
    await using _ = server;
    expect((await failureOf(adapter.load(model(), [], never))).type).toBe('HostBusy');
  });

  test('a server that does not tell its context is believed', async () => {
    const names = {
      '/v1/models': 'llama-cpp-python/v1-models',
      '/v1/chat/completions': 'llama-cpp-python/chat-stream-usage',
    };
    const { server, adapter } = await adapterFor('openai', names);
    await using _ = server;
    const [first] = await adapter.resident(never);
    expect(await adapter.load(model({ name: first?.name ?? '' }), [], never)).toMatchObject({
      context: undefined,
    });
  });
});
