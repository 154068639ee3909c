import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { bestFirst, betterContext, freeKey, keyFor, replyTokens } from '../../../deploy/hosts/choose.ts';
import { findLocalServers, lookAtServer, ollamaHost } from '../../../deploy/hosts/look.ts';
import { makeAlias } from '../../../deploy/hosts/ollama.ts';
import { proveModel } from '../../../deploy/hosts/prove.ts';
import type { ModelServer, ServedModel } from '../../../deploy/hosts/server.ts';
import { lookTrouble } from '../../../deploy/hosts/trouble.ts';
import { keyVariable } from '../../../workflows/domain/host/hostTrouble.ts';
import type { HostKind } from '../../../workflows/domain/host/model.ts';
import { type Flavour, type ModelHost, startModelHost } from '../../support/modelHost.ts';

const models = { 'qwen3-coder:30b': { context: 4_096 }, 'nomic-embed-text': { context: 2_048 } };
const start = (kind: Flavour, more: object = {}): Promise<ModelHost> =>
  startModelHost({
    kind,
    models: kind === 'llama-server' ? { tiny: { context: 2_048 } } : models,
    reply: () => 'ok',
    ...more,
  });

const serverAt = async (url: string): Promise<ModelServer> => {
  const look = await lookAtServer(url, undefined);
  if (look.found !== 'server') throw new Error(look.evidence);
  return look.server;
};

const named = (server: ModelServer, name: string): ServedModel => {
  const model = server.models.find((one) => one.name === name);
  if (model === undefined) throw new Error(`no ${name}`);
  return model;
};

describe('a model server is known by its answers, and looking at it loads nothing', () => {
  test('Ollama: models with what they were made for; what they get is known only of those in memory', async () => {
    await using host = await start('ollama');
    const server = await serverAt(host.url);
    expect(server).toMatchObject({ kind: 'ollama', software: 'Ollama 0.17.4' });
    expect(named(server, 'qwen3-coder:30b')).toMatchObject({ trained: 131_072, loaded: false, writes: true });
    expect(named(server, 'nomic-embed-text').writes).toBe(false);
    expect(host.resident()).toEqual([]);
    expect(host.timeline.filter(({ event }) => event === 'load')).toEqual([]);
  });

  test.each([
    ['openai', 'vLLM', 'qwen3-coder:30b', 4_096, true],
    ['llama-server', 'llama.cpp', 'tiny', 2_048, true],
    ['llama-router', 'llama.cpp', 'qwen3-coder:30b', undefined, false],
    // It answers at Ollama's path for versions.
    ['llama-swap', 'llama-swap', 'qwen3-coder:30b', undefined, false],
    ['vllm', 'vLLM', 'qwen3-coder:30b', 4_096, true],
  ] as const)('%s', async (flavour, software, name, context, loaded) => {
    await using host = await start(flavour);
    const server = await serverAt(host.url);
    expect(server).toMatchObject({ kind: 'openai', software });
    expect(named(server, name)).toMatchObject({ context, loaded });
  });

  test('LM Studio, which answers 200 to everything, tells more of its models at a path of its own', async () => {
    const server = createServer(({ url }, response) => {
      const data =
        url === '/v1/models' ? [{ id: 'coder', owned_by: 'organization_owner' }, { id: 'nomic-x' }] : [];
      const own = [
        {
          id: 'coder',
          type: 'llm',
          state: 'loaded',
          loaded_context_length: 8_192,
          max_context_length: 32_768,
        },
        { id: 'nomic-x', type: 'embeddings', state: 'not-loaded' },
      ];
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify(
          /^\/v1\/models|^\/api\/v0\/models/.test(url ?? '')
            ? { data: url === '/v1/models' ? data : own }
            : { error: 'Unexpected endpoint' },
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const found = await serverAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      expect(found).toMatchObject({ kind: 'openai', software: 'LM Studio' });
      expect(named(found, 'coder')).toMatchObject({
        context: 8_192,
        trained: 32_768,
        loaded: true,
        writes: true,
      });
      expect(named(found, 'nomic-x')).toMatchObject({ loaded: false, writes: false });
    } finally {
      server.close();
    }
  });

  test('G10 nobody there, a web page, a key that is wanted: each is told apart, with what to do', async () => {
    await using host = await start('openai');
    const about = { name: 'gpu-box', url: host.url, apiKeyEnv: undefined };
    const told = async () => {
      const look = await lookAtServer(host.url, undefined, 2_000);
      return look.found === 'server' ? undefined : lookTrouble(about, look);
    };
    host.impose('html');
    expect(await told()).toMatchObject({
      type: 'NotAModelServer',
      evidence: expect.stringContaining('<!DOCTYPE'),
    });
    host.impose('unauthorized');
    expect(await told()).toMatchObject({
      type: 'HostRefused',
      next: expect.stringContaining('GPU_BOX_API_KEY'),
    });
    host.impose('loading');
    expect(await told()).toMatchObject({
      type: 'HostDown',
      evidence: expect.stringContaining('Loading model'),
    });
    await host.down();
    expect(await told()).toMatchObject({
      type: 'HostDown',
      evidence: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test('servers of this machine are found on the usual ports and where OLLAMA_HOST points, each once', async () => {
    await using ollama = await start('ollama');
    await using other = await start('openai');
    const port = (url: string): number => Number(new URL(url).port);
    const found = await findLocalServers([port(other.url), port(ollama.url), 9], {
      OLLAMA_HOST: `0.0.0.0:${port(ollama.url)}`,
    });
    expect(found.map(({ url }) => url)).toEqual([ollama.url, other.url]);
  });

  test.each([
    ['', undefined],
    ['127.0.0.1:1', 'http://127.0.0.1:1'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    [':8000', 'http://127.0.0.1:8000'],
    ['https://llm.example.com:443', 'https://llm.example.com'],
    ['gpu', 'http://gpu:11434'],
    ['a b', undefined],
  ])('OLLAMA_HOST=%s', (text, url) => {
    expect(ollamaHost(text)).toBe(url);
  });
});

describe('G8 one real call, by the town’s own adapters, shows what a model gives', () => {
  const at = (host: ModelHost, kind: HostKind) => ({
    name: 'desk',
    kind,
    url: host.url,
    apiKeyEnv: undefined,
  });

  test('Ollama tells the context after the call, and an alias carries a larger one', async () => {
    await using host = await start('ollama');
    const desk = at(host, 'ollama');
    expect(await proveModel(desk, 'qwen3-coder:30b')).toMatchObject({ ok: true, context: 4_096 });
    const access = { url: host.url, apiKey: undefined };
    const from = 'qwen3-coder:30b';
    expect(await makeAlias(access, { name: 'alias', from, context: 16_384 })).toBeUndefined();
    expect(await proveModel(desk, 'alias')).toMatchObject({ ok: true, context: 16_384 });
    expect(await makeAlias(access, { name: 'b', from: 'none', context: 1 })).toContain('status 500');
  });

  test('a server that lists a model and does not generate is not believed (G3)', async () => {
    const server = createServer(({ url }, response) => {
      const lists = url === '/v1/models';
      response.writeHead(lists ? 200 : 500, { 'content-type': 'application/json' });
      response.end(lists ? '{"data":[{"id":"tiny","max_model_len":4096}]}' : '{"error":"runner has ended"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const desk = { name: 'desk', kind: 'openai', url, apiKeyEnv: undefined } as const;
    const saying = (evidence: string) => ({
      ok: false,
      finding: { what: expect.stringContaining('HostDown'), evidence: expect.stringContaining(evidence) },
    });
    try {
      expect(await proveModel(desk, 'tiny')).toMatchObject(saying('runner has ended'));
    } finally {
      server.close();
    }
    expect(await proveModel(desk, 'tiny')).toMatchObject(saying('ECONNREFUSED'));
  });
});

describe('which model, which name, how much', () => {
  const model = (name: string, gib: number | undefined, loaded = false): ServedModel => ({
    ...{
      name,
      bytes: gib === undefined ? undefined : gib * 1024 ** 3,
      context: undefined,
      trained: undefined,
    },
    ...{ loaded, writes: !/embed/.test(name) },
  });

  test('models made for code come first, then what is in memory, then the largest that is not huge', () => {
    const order = bestFirst([
      model('llama3:8b', 5),
      model('embed', 1),
      model('qwen2.5-coder:7b', 5),
      model('qwen3-coder:480b', 290),
      model('qwen3-coder:30b', 18),
      model('gpt-oss:20b', 13, true),
    ]);
    expect(order.map(({ name }) => name)).toEqual([
      'qwen3-coder:30b',
      'qwen2.5-coder:7b',
      'qwen3-coder:480b',
      'gpt-oss:20b',
      'llama3:8b',
    ]);
  });

  test.each([
    ['qwen3-coder:30b', 'qwen3-coder-30b'],
    ['hf.co/Team/Model-GGUF:Q4_K_M', 'model-gguf-q4-k-m'],
    ['/models/tiny.gguf', 'tiny'],
    ['llama3:latest', 'llama3'],
    ['モデル', 'other'],
    ['Straße 2, Gerät', 'strasse-2-gerat'],
  ])('%s is called %s', (name, key) => {
    expect(keyFor(name, 'other')).toBe(key);
  });

  test('names that are taken get a number, variables of keys are names of variables', () => {
    expect(freeKey('app', new Set(['app', 'app-2']))).toBe('app-3');
    expect(keyVariable('gpu-box')).toBe('GPU_BOX_API_KEY');
    expect(keyVariable('4090')).toBe('HOST_4090_API_KEY');
  });

  test('a larger context is asked for only as far as the model was made for it', () => {
    expect(betterContext(4_096, 131_072)).toBe(16_384);
    expect(betterContext(4_096, 8_192)).toBe(8_192);
    expect(betterContext(4_096, undefined)).toBeUndefined();
    expect(betterContext(16_384, 131_072)).toBeUndefined();
    expect(betterContext(16_384, 131_072, 65_536)).toBe(65_536);
    expect(replyTokens(2_048)).toBeLessThanOrEqual(1_024);
  });
});
