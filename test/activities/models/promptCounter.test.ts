import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPromptCounter } from '../../../activities/models/promptCounter.ts';
import type { HostKind, HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import { readExchange, serveRecorded } from '../../support/model/recorded.ts';

const model: ModelSettings = {
  ...{
    key: 'm',
    name: 'tiny-a',
    context: 4_096,
    maxTokens: 500,
    temperature: 0,
    tier: 'default',
    hosts: ['box'],
  },
  ...{ firstTokenMs: 5_000, idleMs: 5_000, callTimeoutMs: 20_000 },
};
const host = (url: string, kind: HostKind = 'openai'): HostSettings => ({
  ...{ name: 'box', kind, url, slots: 1, coresident: false, apiKeyEnv: undefined, quiet: [] },
});
const messages = [{ role: 'user', content: 'the code is in the file' }] as const;
const { signal } = new AbortController();

/** Answers by path, and what was asked. */
const serve = async (answer: (path: string, body: unknown) => { status: number; body: unknown }) => {
  const asked: { path: string; body: unknown }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      asked.push({ path: request.url ?? '', body });
      const { status, body: said } = answer(request.url ?? '', body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
};

describe('a prompt is counted by the server that will read it', () => {
  test('llama.cpp counts a chat with its template', async () => {
    await using server = await serveRecorded({
      '/v1/chat/completions/input_tokens': await readExchange('llama-server/input-tokens'),
    });
    const count = createPromptCounter(host(server.url), model, undefined);
    expect(await count(messages, signal)).toEqual({
      tokens: 20,
      by: `POST ${server.url}/v1/chat/completions/input_tokens`,
    });
  });

  test('an older llama.cpp lists the tokens of a text; its template is added', async () => {
    await using server = await serveRecorded({ '/tokenize': await readExchange('llama-server/tokenize') });
    const count = createPromptCounter(host(server.url), model, undefined);
    expect((await count(messages, signal))?.tokens).toBe(7 + 8);
    await count(messages, signal);
    expect(server.asked).toEqual([
      'POST /v1/chat/completions/input_tokens',
      'POST /tokenize',
      'POST /tokenize',
    ]);
  });

  test('vLLM counts messages', async () => {
    const { url, asked } = await serve((path) =>
      path === '/tokenize'
        ? { status: 200, body: { count: 23, max_model_len: 4_096, tokens: [1, 2] } }
        : { status: 404, body: { detail: 'Not Found' } },
    );
    const count = createPromptCounter(host(url), model, undefined);
    expect((await count(messages, signal))?.tokens).toBe(23);
    expect(asked.at(-1)?.body).toMatchObject({ model: 'tiny-a', messages, add_generation_prompt: true });
  });

  test('a server without a tokenizer is asked once, and Ollama never', async () => {
    await using server = await serveRecorded({});
    const count = createPromptCounter(host(server.url), model, undefined);
    expect(await count(messages, signal)).toBeUndefined();
    expect(await count(messages, signal)).toBeUndefined();
    expect(server.asked.length).toBe(2);
    expect(
      await createPromptCounter(host(server.url, 'ollama'), model, undefined)(messages, signal),
    ).toBeUndefined();
    expect(server.asked.length).toBe(2);
  });

  test('nonsense is no count, and trouble is not for ever', async () => {
    let troubles = 1;
    const { url } = await serve((path) => {
      if (path === '/tokenize') return { status: 200, body: { count: 12 } };
      if (troubles-- > 0) return { status: 503, body: { error: { message: 'busy' } } };
      return { status: 200, body: { input_tokens: 'many' } };
    });
    const count = createPromptCounter(host(url), model, undefined);
    expect(await count(messages, signal)).toBeUndefined();
    expect((await count(messages, signal))?.tokens).toBe(12);
  });

  test('a call that is ended ends the count', async () => {
    await using server = await serveRecorded({});
    const ended = AbortSignal.abort(new Error('ended'));
    await expect(createPromptCounter(host(server.url), model, undefined)(messages, ended)).rejects.toThrow(
      'ended',
    );
  });
});
