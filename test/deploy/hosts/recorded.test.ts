import { describe, expect, test } from 'vitest';
import { lookAtServer } from '../../../deploy/hosts/look.ts';
import { type Exchange, readExchange, serveRecorded } from '../../support/model/recorded.ts';

const answer = (body: unknown): Exchange => ({
  request: { method: 'GET', path: '' },
  response: { status: 200, headers: { 'content-type': 'application/json' }, body },
});

describe('the answers of real servers, as they were recorded', () => {
  test('Ollama 0.17.4: what is in memory, what a model was made for, and its own num_ctx', async () => {
    await using server = await serveRecorded({
      '/api/version': answer({ version: '0.17.4' }),
      '/api/tags': answer({
        models: [
          { name: 'tiny-a-2k:latest', size: 747_776 },
          { name: 'tiny-a:latest', size: 747_776 },
        ],
      }),
      '/api/show': await readExchange('ollama/show-alias'),
      '/api/ps': await readExchange('ollama/ps-loaded'),
    });
    const look = await lookAtServer(server.url, undefined);
    expect(look).toMatchObject({
      found: 'server',
      server: {
        kind: 'ollama',
        models: [
          { name: 'tiny-a-2k', bytes: 747_776, context: 2_048, trained: 8_192, loaded: false, writes: true },
          { name: 'tiny-a', context: 4_096, loaded: true },
        ],
      },
    });
  });

  test('llama.cpp: -c 4096 -np 2 gives 2048 tokens to one request, two at once', async () => {
    await using server = await serveRecorded({
      '/v1/models': await readExchange('llama-server/v1-models'),
      '/props': await readExchange('llama-server/props'),
    });
    const look = await lookAtServer(server.url, undefined);
    expect(look).toMatchObject({
      found: 'server',
      server: {
        kind: 'openai',
        software: 'llama.cpp',
        slots: 2,
        models: [{ name: 'tiny-a', bytes: 747_776, context: 2_048, trained: 8_192, loaded: true }],
      },
    });
  });

  test('llama-cpp-python, which tells nothing of its context', async () => {
    await using server = await serveRecorded({
      '/v1/models': await readExchange('llama-cpp-python/v1-models'),
    });
    expect(await lookAtServer(server.url, undefined)).toMatchObject({
      found: 'server',
      server: {
        software: 'a server with an OpenAI-compatible API',
        models: [{ name: 'tiny-a', context: undefined, writes: true }],
      },
    });
  });

  test('llama.cpp that wants a key', async () => {
    const locked = await readExchange('llama-server/key-missing');
    await using server = await serveRecorded({ '/api/version': locked, '/v1/models': locked });
    expect(await lookAtServer(server.url, undefined)).toMatchObject({
      found: 'locked',
      evidence: expect.stringContaining('Invalid API Key'),
    });
  });
});
