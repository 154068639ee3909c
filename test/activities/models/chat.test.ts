import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { type ChatReply, chat } from '../../../activities/models/chat.ts';
import { createTokenGauge, type TokenGauge } from '../../../activities/models/tokens.ts';
import type { HostSettings, ModelSettings, Usage } from '../../../workflows/domain/host/model.ts';
import { type ModelHost, type Reply, startModelHost } from '../../support/modelHost.ts';

const settings = (over: Partial<ModelSettings> = {}): ModelSettings => ({
  key: 'coder',
  name: 'coder:7b',
  context: 4_096,
  maxTokens: 500,
  temperature: 0.2,
  tier: 'standard',
  hosts: ['box'],
  firstTokenMs: 5_000,
  idleMs: 5_000,
  callTimeoutMs: 20_000,
  ...over,
});

const hostAt = (url: string, over: Partial<HostSettings> = {}): HostSettings => ({
  name: 'box',
  kind: 'openai',
  url,
  slots: 1,
  coresident: false,
  apiKeyEnv: undefined,
  quiet: [],
  ...over,
});

interface Ask {
  readonly model?: Partial<ModelSettings>;
  readonly host?: Partial<HostSettings>;
  readonly prompt?: string;
  readonly estimatedTokens?: number;
  readonly signal?: AbortSignal;
  readonly gauge?: TokenGauge;
}

const ask = async (url: string, options: Ask = {}): Promise<{ reply: ChatReply; charged: Usage }> => {
  let charged: Usage | undefined;
  const prompt = options.prompt ?? 'hello';
  try {
    const reply = await chat({
      host: hostAt(url, options.host),
      model: settings(options.model),
      messages: [{ role: 'user', content: prompt }],
      estimatedTokens: options.estimatedTokens ?? Math.ceil(prompt.length / 3.3),
      apiKey: undefined,
      gauge: options.gauge ?? createTokenGauge(),
      signal: options.signal ?? new AbortController().signal,
      onUsage: (usage) => {
        charged = usage;
      },
    });
    return { reply, charged: charged as unknown as Usage };
  } catch (error) {
    if (error instanceof Error) Object.assign(error, { charged });
    throw error;
  }
};

const failureOf = async (work: Promise<unknown>): Promise<ApplicationFailure & { charged?: Usage }> => {
  const error = await work.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApplicationFailure)) throw error;
  return error;
};

const hostSaying = (
  reply: Reply | (() => Reply),
  kind: 'openai' | 'ollama' | 'llama-server' = 'openai',
): Promise<ModelHost> =>
  startModelHost({
    kind,
    models: { 'coder:7b': { context: 4_096 } },
    reply: typeof reply === 'function' ? reply : () => reply,
  });

describe('a whole reply', () => {
  test('brings text, finish reason, usage and times', async () => {
    await using host = await hostSaying('Here it is.\n```ts\nconst a = 1;\n```\n');
    const { reply } = await ask(host.url, { prompt: 'x'.repeat(400) });
    expect(reply.text).toBe('Here it is.\n```ts\nconst a = 1;\n```\n');
    expect(reply.finish).toBe('stop');
    expect(reply.usage).toEqual({ calls: 1, promptTokens: 100, completionTokens: 9, estimated: false });
    expect(reply.firstTokenMs).toBeLessThanOrEqual(reply.ms);
  });

  test('is asked for with every limit that servers would else guess', async () => {
    await using host = await hostSaying('ok');
    await ask(host.url);
    expect(host.requests[0]).toMatchObject({
      model: 'coder:7b',
      max_tokens: 500,
      temperature: 0.2,
      top_p: 0.95,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test('may be cut by its own limit', async () => {
    await using host = await hostSaying({ text: 'half', finish: 'length' });
    expect((await ask(host.url)).reply).toMatchObject({ text: 'half', finish: 'length' });
  });

  test.each(['reasoning', 'reasoning_content'] as const)(
    'is without its %s, which is charged',
    async (reasoningField) => {
      await using host = await hostSaying({ text: 'answer', reasoning: 'I think so', reasoningField });
      const { reply } = await ask(host.url);
      expect(reply.text).toBe('answer');
      expect(reply.thoughtChars).toBe(10);
      expect(reply.usage.completionTokens).toBe(4);
    },
  );

  test('is without a leading thought in tags', async () => {
    await using host = await hostSaying('<think>\nhm, </code>\n</think>\n\nanswer with <think> in it');
    expect((await ask(host.url)).reply.text).toBe('answer with <think> in it');
  });

  test('is empty when the model used up its tokens thinking', async () => {
    await using host = await hostSaying({ text: '<think> and then', finish: 'length' });
    expect((await ask(host.url)).reply).toMatchObject({ text: '', finish: 'length' });
  });

  test('G7: has an estimated usage, marked so, when the server reports none', async () => {
    await using host = await hostSaying({ text: 'x'.repeat(330), usage: null });
    const { reply } = await ask(host.url, { prompt: 'y'.repeat(330) });
    expect(reply.usage).toEqual({ calls: 1, promptTokens: 100, completionTokens: 100, estimated: true });
  });

  test('may drip for longer than the idle deadline as long as tokens come', async () => {
    await using host = await hostSaying({ text: 'x'.repeat(400 * 8), dripMs: 60 });
    const { reply } = await ask(host.url, { model: { idleMs: 300 } });
    expect(reply.ms).toBeGreaterThan(400);
    expect(reply.text).toHaveLength(3_200);
  });
});

describe('a reply that does not count', () => {
  test.each([
    ['a broken socket', { fault: 'cut', text: 'half a' } as const],
    ['an end without finish reason and [DONE]', { fault: 'noFinish', text: 'half a' } as const],
    ['a finish reason without [DONE]', { fault: 'noDone', text: 'whole' } as const],
    ['[DONE] without a finish reason', { fault: 'onlyDone', text: 'half a' } as const],
  ])('%s is StreamCut, and charged (G7)', async (_, reply) => {
    await using host = await hostSaying(reply);
    const error = await failureOf(ask(host.url));
    expect(error.type).toBe('StreamCut');
    expect(error.nonRetryable).toBe(false);
    expect(error.charged).toMatchObject({ calls: 1, estimated: true });
    expect(error.charged?.completionTokens).toBeGreaterThan(0);
  });

  test('silence before the first token is FirstTokenTimeout, after its own clock', async () => {
    await using host = await hostSaying({ fault: 'stallFirst' });
    const error = await failureOf(ask(host.url, { model: { firstTokenMs: 150, idleMs: 20 } }));
    expect(error.type).toBe('FirstTokenTimeout');
    expect(error.message).toContain('firstTokenTimeout');
    expect(error.charged).toEqual({ calls: 1, promptTokens: 2, completionTokens: 0, estimated: true });
  });

  test('silence after the first token is StreamStalled, after the idle clock', async () => {
    await using host = await hostSaying({ fault: 'stallMid', text: 'half a' });
    const started = performance.now();
    const error = await failureOf(ask(host.url, { model: { firstTokenMs: 20_000, idleMs: 120 } }));
    expect(error.type).toBe('StreamStalled');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('a reply that runs into the deadline of the whole call is ReplyEndless', async () => {
    await using host = await hostSaying({ text: 'x'.repeat(400 * 100), dripMs: 20 });
    const error = await failureOf(ask(host.url, { model: { callTimeoutMs: 300, maxTokens: 50_000 } }));
    expect(error.type).toBe('ReplyEndless');
  });

  test('a word for ever is cut as ReplyEndless', async () => {
    await using host = await hostSaying({ fault: 'endless', word: 'the same' });
    const error = await failureOf(ask(host.url, { model: { maxTokens: 100_000 } }));
    expect(error.type).toBe('ReplyEndless');
    expect(error.nonRetryable).toBe(true);
    expect(error.message).toContain('the same');
  });

  test('more than was allowed is cut as ReplyEndless even when nothing repeats', async () => {
    let n = 0;
    await using host = await hostSaying(() => ({
      text: Array.from({ length: 4_000 }, () => `${(n += 1)} `).join(''),
    }));
    expect((await failureOf(ask(host.url, { model: { maxTokens: 16 } }))).type).toBe('ReplyEndless');
  });

  test('one line of many megabytes does not fill the memory', async () => {
    await using host = await hostSaying({ fault: 'raw', body: `data: ${'x'.repeat(4_000_000)}` });
    expect((await failureOf(ask(host.url, { model: { maxTokens: 16 } }))).type).toBe('ReplyEndless');
  });

  test('HTML is NotAModelServer with URL, status and the page', async () => {
    await using host = await hostSaying({ fault: 'html' });
    const error = await failureOf(ask(host.url));
    expect(error.type).toBe('NotAModelServer');
    expect(error.message).toContain(`${host.url}/v1/chat/completions: status 200`);
    expect(error.message).toContain('It works!');
  });

  test('JSON that is no stream is NotAModelServer', async () => {
    await using host = await hostSaying({
      fault: 'raw',
      body: '{"hello":"world"}',
      contentType: 'application/json',
    });
    expect((await failureOf(ask(host.url))).type).toBe('NotAModelServer');
  });

  test('a closed port is HostDown and costs no token', async () => {
    const host = await hostSaying('never');
    await host.close();
    const error = await failureOf(ask(host.url));
    expect(error.type).toBe('HostDown');
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.charged).toEqual({ calls: 1, promptTokens: 0, completionTokens: 0, estimated: false });
  });

  test('429 is HostBusy, repeated when the server says', async () => {
    await using host = await hostSaying({
      fault: 'status',
      status: 429,
      body: '{"error":"slow down"}',
      retryAfter: '7',
    });
    const error = await failureOf(ask(host.url));
    expect(error.type).toBe('HostBusy');
    expect(error.nextRetryDelay).toBe(7_000);
  });

  test('a model that the host lacks is ModelMissing', async () => {
    await using host = await startModelHost({ kind: 'ollama', models: {}, reply: () => 'never' });
    const error = await failureOf(ask(host.url, { host: { kind: 'ollama' } }));
    expect(error.type).toBe('ModelMissing');
    expect(error.message).toContain('ollama pull coder:7b');
  });

  test('a prompt that does not fit is ContextOverflow', async () => {
    await using host = await hostSaying('never', 'llama-server');
    expect((await failureOf(ask(host.url, { prompt: 'x '.repeat(10_000) }))).type).toBe('ContextOverflow');
  });

  test('a context below the promise is ContextTooSmall with the setting to change', async () => {
    await using host = await startModelHost({
      kind: 'llama-server',
      models: { m: { context: 512 } },
      reply: () => 'never',
    });
    const error = await failureOf(ask(host.url, { prompt: 'x '.repeat(2_000), host: { slots: 2 } }));
    expect(error.type).toBe('ContextTooSmall');
    expect(error.message).toContain('-c 8192 -np 2');
  });

  test('a prompt that the server cut silently is ContextTooSmall', async () => {
    await using host = await startModelHost({
      kind: 'ollama',
      models: { 'coder:7b': { context: 1_024 } },
      reply: () => 'fine',
    });
    const error = await failureOf(
      ask(host.url, { prompt: 'word '.repeat(3_000), host: { kind: 'ollama' }, model: { context: 8_192 } }),
    );
    expect(error.type).toBe('ContextTooSmall');
    expect(error.message).toContain('/api/create');
    expect(error.message).toContain('num_ctx');
    expect(error.message).toContain('OLLAMA_CONTEXT_LENGTH=8192');
  });

  test('an abort ends the call with its reason, and closes the connection', async () => {
    await using host = await hostSaying({ fault: 'stallMid', text: 'half a' });
    const abort = new AbortController();
    const work = ask(host.url, { signal: abort.signal });
    await host.called(() => true);
    abort.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
  });
});
