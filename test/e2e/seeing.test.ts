import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metrics } from '../../activities/counts/metrics.ts';
import { readTimeline } from '../../deploy/report/timeline/readTimeline.ts';
import { timelineSvg } from '../../deploy/report/timeline/svg.ts';
import { callsOf } from '../../deploy/report/transcripts.ts';
import { prometheusAt } from '../../workers/metrics.ts';
import { quietRuntime } from '../support/cluster.ts';
import { freePort } from '../support/freePort.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

let town: TestTown;
let url: string;

beforeAll(async () => {
  const address = `127.0.0.1:${await freePort()}`;
  url = `http://${address}/metrics`;
  quietRuntime(prometheusAt(address));
  town = await openTestTown({
    reply: (bead, { model }) => {
      if (bead === 'stuck') return filesReply({ 'src/stuck.txt': 'BROKEN' });
      return filesReply({ [`src/${bead}.txt`]: `by ${model}` });
    },
    models: { 'deep-model': { context: 32_768 } },
    config: (plain) => ({
      ...plain,
      models: {
        ...(plain['models'] as object),
        deep: { name: 'deep-model', context: 32_768, hosts: ['host'], idleTimeout: '5s', tier: 'deep' },
      },
      roles: { polecat: { default: 'model', deep: 'deep' } },
      limits: { maxParallel: 8, bead: { attempts: 1, samples: 1 }, minFreeGiB: 0 },
    }),
  });
});
afterAll(() => town[Symbol.asyncDispose]());

/** Samples by `name{label="value",…}`. */
const scrape = async (): Promise<ReadonlyMap<string, number>> => {
  const text = await (await fetch(url)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
};

const sumOf = (samples: ReadonlyMap<string, number>, name: string, ...labels: readonly string[]): number =>
  [...samples]
    .filter(([key]) => key.startsWith(`${name}{`) && labels.every((label) => key.includes(label)))
    .reduce((sum, [, value]) => sum + value, 0);

test('the figures are those of what the town has done', async () => {
  const launched = await town.launch('seen', [
    { id: 'one' },
    { id: 'two', needs: ['one'], tier: 'deep' },
    { id: 'three', needs: ['two'] },
    { id: 'stuck' },
  ]);
  await launched.handle.result().catch(() => undefined);
  const samples = await eventually(
    scrape,
    (now) => sumOf(now, metrics.beadsBlocked.name) + sumOf(now, metrics.beadsLanded.name) === 4,
  );
  const of = (name: string, ...labels: string[]): number => sumOf(samples, name, ...labels);

  expect(of(metrics.beadsStarted.name, 'rig="rig"')).toBe(4);
  expect(of(metrics.beadsLanded.name, 'rig="rig"')).toBe(3);
  expect(of(metrics.beadsBlocked.name, 'reason="AttemptsExhausted"')).toBe(1);
  expect(of(metrics.beadsCancelled.name, 'rig="rig"')).toBe(0);
  const landings = (await town.repo.git('rev-list', '--first-parent', 'main')).trim().split('\n').length - 1;
  expect(of(metrics.landings.name)).toBe(landings);

  // The host's own word, without the calls that prove that a model is there.
  const asked = (await callsOf(town.config.home, 'seen')).length;
  expect(of(metrics.calls.name, 'outcome="stop"')).toBe(asked);
  expect(of(`${metrics.callSeconds.name}_count`, 'host="host"')).toBe(asked);
  expect(of(`${metrics.waitSeconds.name}_count`)).toBe(asked);
  expect(of(metrics.turns.name)).toBe(4);
  expect(of(metrics.turns.name, 'model="deep"')).toBe(1);
  const tokens = (await callsOf(town.config.home, 'seen')).map(({ usage }) => usage);
  expect(of(metrics.tokens.name, 'kind="prompt"')).toBe(
    tokens.reduce((sum, one) => sum + one.promptTokens, 0),
  );
  expect(of(metrics.tokens.name, 'kind="completion"')).toBe(
    tokens.reduce((sum, one) => sum + one.completionTokens, 0),
  );
  expect(of(metrics.callsRefused.name)).toBe(0);

  expect(of(`${metrics.gateSeconds.name}_count`, 'gate="check"', 'result="failed"')).toBeGreaterThan(0);
  expect(of(`${metrics.gateSeconds.name}_count`, 'gate="check"', 'result="passed"')).toBeGreaterThanOrEqual(
    3,
  );
  expect(of(metrics.slots.name, 'host="host"')).toBe(8);
  // From the one model to the other and back.
  expect(of(metrics.swaps.name, 'host="host"')).toBe(2);
  expect(of(`${metrics.swapSeconds.name}_count`, 'host="host"')).toBe(2);
  expect(of(metrics.modelOpen.name)).toBe(1);
  expect(of(`${metrics.loadSeconds.name}_count`, 'model="deep"')).toBe(1);
  // No label is anybody's text.
  const names = [...samples.keys()].filter((key) => key.startsWith('gastown_')).join('\n');
  expect(names).not.toMatch(/stuck|seen|three/);
});

test('the picture of the convoy has its calls in the sessions of their models, and the swaps between', async () => {
  const found = await readTimeline(town.config.home, 'seen');
  const [host] = found?.hosts ?? [];
  if (found === undefined || host === undefined) throw new Error('no picture');
  expect(found.hosts).toHaveLength(1);
  expect(host).toMatchObject({ host: 'host', slots: 8, swaps: { count: 2 } });
  expect(host.calls.map(({ bead }) => bead).toSorted()).toEqual(
    ['one', 'stuck', 'three', 'two'].map((bead) => `seen/seen/${bead}`),
  );
  for (const call of host.calls) {
    expect(call.slot).toBeGreaterThanOrEqual(0);
    const session = host.sessions.find(
      ({ model, from, to }) => model === call.model && from <= call.from && call.to <= to,
    );
    expect(session, JSON.stringify(call)).toBeDefined();
  }
  const svg = timelineSvg(found);
  for (const text of ['>model<', '>deep<', '>host<', '2 swaps']) expect(svg).toContain(text);
  const notes = (await readFile(join(town.config.home, 'fleet', 'host.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(notes[0]).toContain('"kind":"leased"');
});
