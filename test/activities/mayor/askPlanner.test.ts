import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createBlobs } from '../../../activities/ledger/blobs.ts';
import { createTranscripts } from '../../../activities/ledger/transcripts.ts';
import { createAskPlanner, type PlannerDeps } from '../../../activities/mayor/index.ts';
import { costOf } from '../../../workflows/domain/budget/money.ts';
import type { CloudMayor } from '../../../workflows/domain/plan/mayor.ts';
import { planCalls } from '../../../workflows/domain/plan/planning.ts';
import type {
  AskPlanner,
  PlannerElsewherePort,
  PlannerProgress,
  PlannerReply,
} from '../../../workflows/ports.ts';
import { type PlannerAnswer, planReply, seeded, startPlannerHost } from '../../support/plannerHost.ts';
import { tempHome } from '../../support/repo.ts';
import { rigSettings } from '../rig/town.ts';

const key = 'k-3141592653589793';
const providers = ['gemini', 'openai'] as const;

const setUp = async (
  provider: CloudMayor['provider'],
  answer: PlannerAnswer | ((nth: number) => PlannerAnswer),
  more: {
    readonly mayor?: Partial<CloudMayor>;
    readonly deps?: Partial<PlannerDeps>;
    readonly cloud?: 'never' | 'plan';
  } = {},
) => {
  const server = await startPlannerHost((_, nth) => (typeof answer === 'function' ? answer(nth) : answer));
  const home = await tempHome();
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
  });
  const blobs = createBlobs(home.blobs);
  const transcripts = createTranscripts(home);
  const mayor: CloudMayor = {
    kind: 'cloud',
    provider,
    model: 'planner-1',
    baseUrl: server.url,
    apiVersion: 'v1beta',
    apiKeyEnv: 'PLANNER_KEY',
    maxTokens: 4_096,
    callTimeoutMs: 20_000,
    ...more.mayor,
  };
  const { askPlanner } = createAskPlanner({
    mayor,
    rigs: new Map([['r', { ...rigSettings('/nowhere'), cloud: more.cloud ?? 'plan' }]]),
    blobs,
    transcript: transcripts,
    env: { PLANNER_KEY: key },
    idleMs: 300,
    ...more.deps,
  });
  const messages = [
    { role: 'system', content: 'Be the mayor.' },
    { role: 'user', content: 'y'.repeat(1_000) },
  ];
  const promptRef = await blobs.put(JSON.stringify({ version: 1, messages }));
  const env = new MockActivityEnvironment(
    { heartbeatTimeoutMs: 300 },
    { logger: new DefaultLogger('ERROR') },
  );
  const request = { convoy: 'c', rig: 'r', promptRef, estimatedTokens: 300, turn: 1 };
  const result = env.run<[AskPlanner], PlannerReply, PlannerElsewherePort['askPlanner']>(askPlanner, request);
  result.catch(() => {});
  return { server, blobs, env, result, transcript: () => transcripts.read(planCalls('c')) };
};

const failureOf = async (result: Promise<unknown>): Promise<ApplicationFailure> => {
  const error = await result.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApplicationFailure)) throw new Error(`no failure: ${String(error)}`);
  return error;
};

describe.each(providers)('a planner that speaks the protocol of %s', (provider) => {
  test('G7: gives a reply without its thoughts, counts what it cost, and keeps the call in a transcript', async () => {
    const reply = planReply([{ id: 'one' }]);
    const { result, blobs, server, transcript } = await setUp(provider, reply);
    const { replyRef, finish, usage } = await result;
    expect(await blobs.get(replyRef)).toBe(reply);
    expect(finish).toBe('stop');
    expect(usage).toMatchObject({ calls: 1, promptTokens: 1_000, estimated: false });
    expect(usage.completionTokens).toBeGreaterThan(20);
    expect(server.calls).toMatchObject([{ protocol: provider, model: 'planner-1', key }]);
    expect(server.calls[0]?.text).toContain('Be the mayor.');
    expect(await transcript()).toMatchObject([
      { outcome: 'stop', model: 'planner-1', host: provider, turn: 1 },
    ]);
  });

  test.each([
    ['429 with a delay', { fault: 'status', status: 429, retryDelay: '7s' }, 'HostBusy'],
    ['500', { fault: 'status', status: 500 }, 'HostDown'],
    ['a stall in the middle', { fault: 'stall', text: '{"title"' }, 'StreamStalled'],
    ['a connection that breaks', { fault: 'cut', text: '{"title"' }, 'StreamCut'],
  ] as const)('%s passes, so the call may be repeated', async (_, answer, type) => {
    const failed = await failureOf((await setUp(provider, answer)).result);
    expect(failed).toMatchObject({ type, nonRetryable: false });
    if (type === 'HostBusy') {
      expect(failed.details?.[1]).toMatchObject({ retryAfterMs: 7_000 });
      expect(failed.nextRetryDelay).toBe(7_000);
    }
  });

  test.each([
    [
      'a retired model',
      { fault: 'status', status: 404, message: 'model planner-1 is not found' },
      'ModelUnavailable',
    ],
    [
      'a retired model, in other words',
      { fault: 'status', status: 404, message: 'model planner-1 was retired' },
      'ModelUnavailable',
    ],
    ['a key that is refused', { fault: 'status', status: 401, message: `bad key ${key}` }, 'HostRefused'],
    ['a blocked answer', { fault: 'blocked', reason: 'SAFETY' }, 'PlannerBlocked'],
  ] as const)('G10: %s is for a person, who is told what to change', async (_, answer, type) => {
    const { result, transcript } = await setUp(provider, answer);
    const failed = await failureOf(result);
    expect(failed).toMatchObject({ type, nonRetryable: true });
    const [told] = failed.details as [{ what: string; evidence: string; next: string }];
    expect(told.next).toMatch(/gastown\.yaml|PLANNER_KEY|own hosts/);
    expect(JSON.stringify([failed.message, failed.details, await transcript()])).not.toContain(key);
  });

  test('a reply that was cut by the limit of tokens is a reply, marked as cut and charged', async () => {
    const { result, blobs } = await setUp(provider, { fault: 'truncated', text: '{"title": "half' });
    const { finish, replyRef, usage } = await result;
    expect(finish).toBe('length');
    expect(await blobs.get(replyRef)).toBe('{"title": "half');
    expect(usage.promptTokens).toBe(1_000);
  });

  test('G7: a call that stalled is charged with what it cost until then', async () => {
    const failed = await failureOf((await setUp(provider, { fault: 'stall', text: 'x'.repeat(400) })).result);
    const [, progress] = failed.details as [unknown, PlannerProgress];
    const { usage } = progress;
    expect(usage.calls).toBe(1);
    expect(usage.promptTokens).toBeGreaterThanOrEqual(300);
    expect(usage.completionTokens).toBeGreaterThan(0);
  });

  test('G7: a planner with a price costs money, and a call that stalls costs what it had brought', async () => {
    const price = { prompt: 2, completion: 12 };
    const paid = { mayor: { price } };
    const good = await setUp(provider, planReply([{ id: 'one' }]), paid);
    const { usage } = await good.result;
    expect(usage.money).toBe(costOf(usage, price));
    expect(usage.money).toBeGreaterThan(2_000);
    expect((await good.transcript())[0]?.usage.money).toBe(usage.money);
    const failed = await failureOf(
      (await setUp(provider, { fault: 'stall', text: 'x'.repeat(400) }, paid)).result,
    );
    const [, progress] = failed.details as [unknown, PlannerProgress];
    expect(progress.usage.money).toBe(costOf(progress.usage, price));
    expect(progress.usage.money).toBeGreaterThanOrEqual(600);
  });

  test('G7: a cancelled call ends at once and carries what it spent', async () => {
    const { env, result, server } = await setUp(provider, { fault: 'silent' });
    await expect.poll(() => server.calls.length, { timeout: 10_000 }).toBe(1);
    env.cancel('CANCELLED');
    const error = await result.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CancelledFailure);
    expect((error as CancelledFailure).details).toMatchObject([{ usage: { calls: 1, promptTokens: 300 } }]);
  });

  test('silence up to the whole time of a call ends it', async () => {
    const { result } = await setUp(provider, { fault: 'silent' }, { mayor: { callTimeoutMs: 400 } });
    expect((await failureOf(result)).type).toMatch(/FirstTokenTimeout|ReplyEndless/);
  });

  test('without a key nothing is asked', async () => {
    const { result, server } = await setUp(provider, 'never', { deps: { env: {} } });
    const failed = await failureOf(result);
    expect(failed).toMatchObject({ type: 'HostRefused', nonRetryable: true });
    expect(failed.message).toContain('PLANNER_KEY is not set');
    expect(server.calls).toEqual([]);
  });

  test('G9: a rig that lets nothing leave is not asked about, whatever the prompt holds', async () => {
    const { result, server } = await setUp(provider, 'never', { cloud: 'never' });
    expect(await failureOf(result)).toMatchObject({ type: 'CloudForbidden', nonRetryable: true });
    expect(server.calls).toEqual([]);
  });

  test('seeded faults: every answer ends as a reply or as a failure in three parts, and never with the key', async () => {
    const faults: readonly PlannerAnswer[] = [
      planReply([{ id: 'one' }]),
      'no JSON at all',
      '',
      { fault: 'status', status: 429, retryDelay: '0.5s' },
      { fault: 'status', status: 429 },
      { fault: 'status', status: 500, message: `<html>${key}</html>` },
      { fault: 'status', status: 503 },
      { fault: 'status', status: 400, message: 'the input token count exceeds the maximum number of tokens' },
      { fault: 'blocked' },
      { fault: 'truncated', text: '' },
      { fault: 'stall', text: 'half' },
      { fault: 'cut', text: 'half' },
      { fault: 'html' },
    ];
    const next = seeded(20_261);
    for (let round = 0; round < 16; round++) {
      const answer = faults[Math.floor(next() * faults.length)] as PlannerAnswer;
      const { result } = await setUp(provider, answer);
      const ended = await result.catch((error: unknown) => error);
      if (ended instanceof ApplicationFailure) {
        const told = ended.details?.[0] as { what: string; next: string; type: string };
        expect([told.what, told.next, told.type].every((part) => part.length > 0)).toBe(true);
        expect(JSON.stringify(ended.details)).not.toContain(key);
      } else expect(ended).toMatchObject({ finish: expect.stringMatching(/stop|length/) });
    }
  });
});

test('gemini: base URL and API version are those of the configuration, and the schema of plans goes along', async () => {
  const { result, server } = await setUp('gemini', planReply([{ id: 'one' }]), {
    mayor: { apiVersion: 'v1' },
  });
  await result;
  const [call] = server.calls;
  expect(call?.path).toBe('/v1/models/planner-1:streamGenerateContent?alt=sse');
  expect(call?.body['generationConfig']).toMatchObject({
    maxOutputTokens: 4_096,
    responseMimeType: 'application/json',
    responseJsonSchema: { type: 'object', required: ['title', 'beads'] },
  });
  expect(JSON.stringify(call?.body)).not.toContain('approvedFiles');
});

test('openai: a server that takes no schema is asked again without', async () => {
  const { result, server } = await setUp('openai', (nth) =>
    nth === 1
      ? { fault: 'status', status: 400, message: 'response_format is not supported here' }
      : planReply([{ id: 'one' }]),
  );
  expect((await result).finish).toBe('stop');
  expect(server.calls.map(({ body }) => 'response_format' in body)).toEqual([true, false]);
  expect(server.calls[1]?.body).toMatchObject({ max_tokens: 4_096 });
  expect(server.calls[1]?.body).not.toHaveProperty('temperature');
});

test('a mayor that the configuration no longer names is not asked', async () => {
  const { result } = await setUp('gemini', 'never', { deps: { mayor: undefined } });
  expect(await failureOf(result)).toMatchObject({ type: 'ModelUnavailable', nonRetryable: true });
});
