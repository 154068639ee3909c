import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, onTestFinished, test } from 'vitest';
import { homeAt } from '../../../activities/home.ts';
import { createBlobs } from '../../../activities/ledger/blobs.ts';
import { createTranscripts } from '../../../activities/ledger/transcripts.ts';
import { createInference, type InferDeps } from '../../../activities/models/infer.ts';
import { createSlots } from '../../../activities/models/slots.ts';
import { createTokenGauge } from '../../../activities/models/tokens.ts';
import { offeredTools } from '../../../activities/polecat/tools.ts';
import type { Infer, InferencePort, InferProgress, Inferred } from '../../../workflows/ports.ts';
import { createCountedThings } from '../../support/countedThings.ts';
import { type ChatCall, type Reply, startModelHost } from '../../support/modelHost.ts';

const bead = { convoy: 'c', epic: 'e', bead: 'b' };

const setUp = async (
  reply: Reply,
  over: Partial<InferDeps> = {},
  answer: (call: ChatCall) => Reply = () => reply,
) => {
  const root = await mkdtemp(join(tmpdir(), 'gastown-infer-'));
  const server = await startModelHost({
    kind: 'openai',
    models: { m: { context: 4_096 } },
    reply: answer,
  });
  onTestFinished(async () => {
    await server.close();
    await rm(root, { recursive: true, force: true });
  });
  const home = homeAt(root);
  const blobs = createBlobs(home.blobs);
  const transcripts = createTranscripts(home);
  const { infer } = createInference({
    host: {
      name: 'box',
      kind: 'openai',
      url: server.url,
      slots: 1,
      coresident: false,
      apiKeyEnv: undefined,
      quiet: [],
    },
    model: {
      key: 'm',
      name: 'm',
      context: 4_096,
      maxTokens: 500,
      temperature: 0,
      tier: 'standard',
      hosts: ['box'],
      firstTokenMs: 5_000,
      idleMs: 5_000,
      callTimeoutMs: 20_000,
      price: { prompt: 0.5, completion: 4 },
    },
    apiKey: undefined,
    blobs,
    transcript: transcripts,
    gauge: createTokenGauge(),
    slots: createSlots(1),
    isFresh: () => true,
    signal: new AbortController().signal,
    enter: () => () => undefined,
    onFailure: () => undefined,
    ...over,
  });
  const promptRef = await blobs.put(
    JSON.stringify({ version: 1, messages: [{ role: 'user', content: 'y'.repeat(400) }] }),
  );
  const request = { model: 'm', promptRef, estimatedTokens: 100, bead, turn: 3 };
  const beats: InferProgress[] = [];
  const run = (info: object = {}, other: Partial<Infer> = {}) => {
    const env = new MockActivityEnvironment(
      { heartbeatTimeoutMs: 300, ...info },
      { logger: new DefaultLogger('ERROR') },
    );
    env.on('heartbeat', (details: InferProgress) => beats.push(details));
    return {
      env,
      result: env.run<[Infer], Inferred, InferencePort['infer']>(infer, { ...request, ...other }),
    };
  };
  return { run, beats, blobs, server, transcript: () => transcripts.read(bead) };
};

describe('one call of a bead', () => {
  test('G7: a retry adds what the lost attempts had spent', async () => {
    const { run, transcript } = await setUp('whole');
    const lost = { calls: 2, promptTokens: 300, completionTokens: 40, estimated: true, money: 310 };
    const inferred = await run({ attempt: 3, heartbeatDetails: { usage: lost, host: 'other' } }).result;
    expect(inferred.usage).toEqual({
      ...{ calls: 3, promptTokens: 400, completionTokens: 42, estimated: true },
      // 100 prompt tokens at 0.50 and two of the reply at 4 for a million.
      money: 310 + 58,
    });
    expect(await transcript()).toMatchObject([
      { attempt: 3, turn: 3, outcome: 'stop', usage: { calls: 1, promptTokens: 100 } },
    ]);
  });

  test('G7: beats with the tokens so far while they come', async () => {
    const { run, beats } = await setUp({ text: 'x'.repeat(400 * 10), dripMs: 40 });
    await run().result;
    const estimates = beats.filter((beat) => beat.usage.estimated);
    const counts = estimates.map((beat) => beat.usage.completionTokens);
    expect(counts.length).toBeGreaterThan(5);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(beats.at(-1)).toMatchObject({
      host: 'box',
      usage: { calls: 1, promptTokens: 100, completionTokens: 1_000 },
    });
  });

  test('beats while the server is silent', async () => {
    const { run, beats } = await setUp({ text: 'late', firstMs: 500 });
    await run().result;
    expect(beats.length).toBeGreaterThan(4);
  });

  test('G8: does not touch the host when the lease is stale', async () => {
    const { run, server } = await setUp('never', { isFresh: () => false });
    const error = await run().result.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ type: 'LeaseLost', nonRetryable: false });
    expect(server.requests).toEqual([]);
  });

  test('goes back to the queue when its gate is closed under it', async () => {
    const closing = new AbortController();
    const { run, server } = await setUp({ fault: 'stallMid', text: 'half' }, { signal: closing.signal });
    const { result } = run();
    await server.called(() => true);
    closing.abort(ApplicationFailure.create({ type: 'LeaseLost', message: 'closed' }));
    await expect(result).rejects.toMatchObject({ type: 'LeaseLost', nonRetryable: false });
  });

  test('G7: a cancelled call carries what it spent, and a stopping worker is no cancellation', async () => {
    const cancelled = await setUp({ fault: 'stallMid', text: 'half' });
    const first = cancelled.run();
    await cancelled.server.called(() => true);
    first.env.cancel('CANCELLED');
    const error = await first.result.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CancelledFailure);
    expect((error as CancelledFailure).details).toMatchObject([
      { host: 'box', usage: { calls: 1, promptTokens: 100 } },
    ]);
    expect(await cancelled.transcript()).toMatchObject([{ outcome: 'cancelled' }]);

    const stopping = await setUp({ fault: 'stallMid', text: 'half' });
    const second = stopping.run();
    await stopping.server.called(() => true);
    second.env.cancel('WORKER_SHUTDOWN');
    await expect(second.result).rejects.toMatchObject({ type: 'LeaseLost' });
  });

  test('a text that is no prompt is refused before anything is asked', async () => {
    const { run, blobs, server } = await setUp('never');
    const promptRef = await blobs.put('{"messages":"?"}');
    await expect(run({}, { promptRef }).result).rejects.toMatchObject({ type: 'BlobMissing' });
    expect(server.requests).toEqual([]);
  });
});

describe('a prompt that does not fit', () => {
  test('is refused before it is sent, by what the host has counted of others before', async () => {
    const { run, server, transcript } = await setUp('whole', {
      gauge: { expected: (estimate) => estimate * 2, wasCut: () => false, learn: () => undefined },
    });
    const failed = run({}, { estimatedTokens: 1_900 }).result;
    await expect(failed).rejects.toMatchObject({
      type: 'ContextOverflow',
      details: [
        {
          evidence: expect.stringMatching(
            /^3800 tokens by an estimate of 1900.*context 4096, of which maxTokens 500/,
          ),
        },
        { usage: { calls: 0 } },
      ],
    });
    expect(server.requests).toEqual([]);
    expect(await transcript()).toMatchObject([
      { outcome: 'ContextOverflow', estimatedTokens: 1_900, usage: { calls: 0 } },
    ]);
  });
});

test('the transcript names the wording of the templates that the prompt was made with', async () => {
  const { run, blobs, transcript } = await setUp('whole');
  const promptRef = await blobs.put(
    JSON.stringify({ version: 1, template: 'abc123', messages: [{ role: 'user', content: 'hi' }] }),
  );
  await run({}, { promptRef }).result;
  await run().result;
  const lines = await transcript();
  expect(lines.map(({ template }) => template)).toEqual(['abc123', undefined]);
  expect(lines[0]).toMatchObject({ estimatedTokens: 100 });
});

test('the host is asked for the tokens of a prompt where it can count them, and an overflow is never sent', async () => {
  const asked: string[] = [];
  const counter = createServer((request, response) => {
    asked.push(request.url ?? '');
    request.resume();
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ input_tokens: 3_700 }));
  });
  await new Promise<void>((resolve) => counter.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void counter.close());
  const { port } = counter.address() as { port: number };
  const host = {
    ...({
      name: 'box',
      kind: 'openai',
      url: `http://127.0.0.1:${port}`,
      slots: 1,
      coresident: false,
    } as const),
    ...{ apiKeyEnv: undefined, quiet: [] },
  };
  const { run, transcript } = await setUp('whole', { host });
  await expect(run().result).rejects.toMatchObject({
    type: 'ContextOverflow',
    message: expect.stringMatching(/prompt of 3700 tokens[^]*3700 tokens by POST .*input_tokens/),
  });
  expect(asked).toEqual(['/v1/chat/completions/input_tokens']);
  expect(await transcript()).toMatchObject([{ outcome: 'ContextOverflow', countedTokens: 3_700 }]);
});

test('the tools that a prompt offers count as well: what fits only without them is never sent', async () => {
  const counter = createServer((request, response) => {
    request.resume();
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ input_tokens: 3_500 }));
  });
  await new Promise<void>((resolve) => counter.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void counter.close());
  const { port } = counter.address() as { port: number };
  const host = {
    ...({ name: 'box', kind: 'openai', url: `http://127.0.0.1:${port}`, slots: 1 } as const),
    ...{ coresident: false, apiKeyEnv: undefined, quiet: [] },
  };
  const { run, blobs } = await setUp('whole', { host });
  const messages = [{ role: 'user', content: 'y'.repeat(400) }];
  const promptRef = await blobs.put(JSON.stringify({ version: 1, messages, tools: offeredTools(true) }));
  await expect(run({}, { promptRef }).result).rejects.toMatchObject({ type: 'ContextOverflow' });
});

test('further replies are waited for only as long as the call itself may take: the first one is not lost for them', async () => {
  const { run } = await setUp('whole', { slots: createSlots(2) }, ({ temperature = 0 }) =>
    temperature > 0.5 ? { text: 'x'.repeat(4_000), dripMs: 1_000 } : 'whole',
  );
  const began = performance.now();
  const reply = await run({ startToCloseTimeoutMs: 8_000 }, { samples: 2 }).result;
  expect(performance.now() - began).toBeLessThan(8_000);
  expect(reply.spareRefs).toBeUndefined();
  // Charged although it never came (G7).
  expect(reply.usage.calls).toBe(2);
});

test('a call is counted once with its tokens, and its line says on which places it ran, and since when', async () => {
  const { counts, lines } = createCountedThings();
  const { run, transcript } = await setUp(
    'whole',
    { counts, targets: { standard: 1_000 }, slots: createSlots(3) },
    // The two further replies are still on their way when the first one is there.
    ({ temperature = 0 }) => (temperature > 0.5 ? { text: 'more', firstMs: 300 } : 'whole'),
  );
  const began = Date.now();
  const wanted = { currentAttemptScheduledTimestampMs: began - 5_000, startToCloseTimeoutMs: 60_000 };
  await run(wanted, { samples: 3 }).result;
  expect(lines().toSorted()).toEqual([
    ...['callSeconds box m 1', 'callSeconds box m 1', 'callSeconds box m 1', 'calls box m stop 1'],
    ...['targetsKept standard 0', 'targetsMissed standard 1'],
    ...['tokens m completion 4', 'tokens m prompt 300', 'turns m 1', 'waitSeconds m 1'],
  ]);
  const [line] = await transcript();
  expect(line).toMatchObject({ slot: 0, spares: [{ slot: 1 }, { slot: 2 }] });
  expect(line?.startedAt).toBeGreaterThanOrEqual(began);
  expect(line?.waitedMs).toBeGreaterThanOrEqual(5_000);
  for (const { startedAt, ms } of line?.spares ?? []) {
    expect(startedAt).toBeGreaterThanOrEqual(began);
    expect(startedAt + ms).toBeLessThanOrEqual(Date.now());
  }
});

test('G8: a call that never reaches the host is counted as refused by the gate, and as nothing else', async () => {
  const { counts, lines } = createCountedThings();
  const { run, server } = await setUp('whole', { counts, isFresh: () => false });
  await expect(run().result).rejects.toMatchObject({ type: 'LeaseLost' });
  expect(server.requests).toEqual([]);
  const refused = lines().filter((line) => !/ 0$/.test(line));
  expect(refused.toSorted()).toEqual([
    'callSeconds box m 1',
    'callsRefused box m LeaseLost 1',
    'waitSeconds m 1',
  ]);
});
