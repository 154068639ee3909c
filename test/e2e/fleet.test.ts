import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FleetHostStatus, FleetStatus } from '../../workflows/domain/fleet/status.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { recordHistory } from '../replay/record.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { type ModelHost, startModelHost } from '../support/modelHost.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const context = 32_768;
let town: TestTown;
/** Holds one of two models that displace each other. */
let box: ModelHost;
/** Calls of these beads wait until the test lets them go. */
const held = createHeldCalls();

const loads = { context, loadMs: 300, unloadMs: 100 };

beforeAll(async () => {
  box = await startModelHost({
    kind: 'ollama',
    models: { 'coder:32b': loads, 'critic:32b': loads, 'foreign:70b': loads },
    slots: 2,
    reply: async (call) => {
      const [, bead = ''] = /TASK-OF-([a-z0-9-]+)/.exec(JSON.stringify(call.messages)) ?? [];
      await held.answer(bead);
      return filesReply({ [`src/${bead}.txt`]: `${bead} by ${call.model}\n` });
    },
  });
  const model = (key: string) => ({
    ...{ name: `${key}:32b`, context, tier: key, hosts: ['box'], loadTime: '300ms', unloadTime: '100ms' },
  });
  town = await openTestTown({
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
    config: (config) => ({
      ...config,
      hosts: { ...(config['hosts'] as object), box: { kind: 'ollama', url: box.url, slots: 2 } },
      models: { ...(config['models'] as object), coder: model('coder'), critic: model('critic') },
      roles: { polecat: { default: 'model', coder: 'coder', critic: 'critic' } },
      limits: { maxParallel: 16, minFreeGiB: 0 },
    }),
  });
  await stands(({ report }) => report.away === undefined);
});

afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  await box?.close();
});

const fleet = () => town.client.workflow.getHandle(workflowId.fleet);
const status = (): Promise<FleetStatus> => fleet().query('fleetStatus');
const steer = (to: string, models?: readonly string[], host = 'box'): Promise<string> =>
  fleet().executeUpdate('steer', { args: [{ host, to, ...(models && { models }) }] });

/** Waits until the host stands so. */
const stands = async (fits: (host: FleetHostStatus) => boolean): Promise<FleetHostStatus> => {
  const isSo = ({ hosts }: FleetStatus): FleetHostStatus | undefined =>
    hosts.find((host) => host.report.host === 'box' && fits(host));
  return isSo(await patiently(status, (seen) => isSo(seen) !== undefined)) as FleetHostStatus;
};
const holds = (model: string) =>
  stands(({ report }) => report.open.join() === model && report.swap === undefined);

const { hold: keep } = held;
const called = (bead: string) =>
  box.called((call) => JSON.stringify(call.messages).includes(`TASK-OF-${bead}.`));
const coder = (id: string, over: object = {}) => ({ id, tier: 'coder', ...over });
const critic = (id: string, over: object = {}) => ({ id, tier: 'critic', ...over });

/** What must hold at the end of whatever a test does to a host. */
const wasOrderly = (): void => {
  expect(box.strangers).toEqual([]);
  for (const { event, resident } of box.timeline)
    if (event === 'loaded' || event === 'begin') expect(resident).toHaveLength(1);
};

describe('a host of two models that displace each other', () => {
  test('G8: serves the beads of both by planned swaps, and no call meets the wrong one', async () => {
    const { handle } = await town.launch('swaps', [
      ...['one', 'two', 'three'].map((id) => coder(id, { estimate: '1s' })),
      critic('check', { needs: ['one'] }),
      critic('proof', { needs: ['two'] }),
    ]);
    expect(await handle.result()).toMatchObject({ landed: 5, blocked: 0 });
    wasOrderly();
    expect(box.timeline.filter(({ event }) => event === 'evicted')).toEqual([]);
    const { swaps, hosts } = await patiently(status, (seen) => seen.beads === 0 && seen.swaps.length > 1);
    // What the fleet was told of is what the host saw: the first load, and one from the coder to the critic, as none had to go back.
    expect(swaps.map(({ from, to }) => [from, to])).toEqual([
      [[], ['coder']],
      [['coder'], ['critic']],
    ]);
    expect(box.figures()).toMatchObject({ loads: 2, calls: 5 });
    // The decision that ordered the last one stays with its order, whatever was planned since.
    const host = hosts.find(({ report }) => report.host === 'box');
    expect(host?.told).toEqual(['critic']);
    expect(host?.order).toMatchObject({ want: ['critic'], reason: expect.stringContaining('→ critic') });
    expect(swaps.map(({ why }) => why)).toEqual([expect.any(String), host?.order?.reason]);
  });

  test('is told to keep a model, and keeps it whatever waits for the other, until it is free again', async () => {
    expect(await steer('pin', ['coder'])).toContain('keeps coder loaded');
    await holds('coder');
    const { handle } = await town.launch('pinned', [critic('pinned-critic'), coder('pinned-coder')]);
    await called('pinned-coder');
    await expect(steer('load', ['critic'])).rejects.toMatchObject({
      cause: { message: expect.stringContaining('keeps what is pinned there') as string },
    });
    await patiently(status, ({ demand }) => demand.some((one) => one.model === 'critic' && one.ready > 0));
    expect(
      await stands(({ report }) => report.waiting.some(({ model }) => model === 'critic')),
    ).toMatchObject({
      report: { open: ['coder'] },
      steering: { pinned: ['coder'] },
      told: ['coder'],
    });
    expect(await steer('unpin')).toContain('planned for by the fleet');
    expect(await handle.result()).toMatchObject({ landed: 2 });
    wasOrderly();
  });

  test('with two swaps and a pin is a run of the fleet that replays, and so is that of an epic that tells it', async () => {
    await recordHistory(town.client, workflowId.fleet, 'fleet');
    await recordHistory(town.client, workflowId.epic('swaps', 'swaps'), 'epic-tells-the-fleet');
  });

  test('is drained: what runs ends, nothing new comes, what is loaded stays, and nobody is called a stranger', async () => {
    await steer('load', ['coder']);
    await holds('coder');
    const letGo = keep('drained-first');
    const { handle } = await town.launch('drained', [coder('drained-first')]);
    await called('drained-first');
    const requests = box.requests.length;
    expect(await steer('drain')).toContain('takes no new ones');
    await stands(({ report }) => report.swap?.phase === 'drain' || report.open.length === 0);
    const more = await town.launch('undrained', [coder('drained-later')]);
    letGo();
    expect(await handle.result()).toMatchObject({ landed: 1 });
    const drained = await stands(
      ({ report }) => report.open.length === 0 && report.waiting.some(({ model }) => model === 'coder'),
    );
    expect(drained).toMatchObject({ told: [], steering: { drained: true } });
    expect(drained.report.strangers ?? []).toEqual([]);
    expect(drained.report.kept).toEqual(['coder']);
    await expect(steer('load', ['critic'])).rejects.toMatchObject({
      cause: { message: expect.stringContaining('box is drained, so it loads nothing') as string },
    });
    expect(box.requests).toHaveLength(requests);
    expect(box.resident()).toHaveLength(1);
    await steer('undrain');
    await steer('unpin');
    expect(await more.handle.result()).toMatchObject({ landed: 1 });
    wasOrderly();
  });

  test('loads a model at once when a person says so, though the other has work', async () => {
    const letGo = keep('asked-one');
    const { handle } = await town.launch('asked', [
      coder('asked-one'),
      coder('asked-two', { needs: ['asked-one'] }),
    ]);
    await called('asked-one');
    expect(await steer('load', ['critic'])).toContain('loads critic');
    await stands(({ report }) => report.swap?.phase === 'drain');
    letGo();
    await holds('critic');
    await steer('unpin');
    expect(await handle.result()).toMatchObject({ landed: 2 });
    wasOrderly();
  });

  test.each([
    [
      'a host that nobody has heard of',
      { host: 'nowhere', to: 'drain' },
      'No host called nowhere has reported',
    ],
    ['a host with an odd name', { host: '../box', to: 'drain' }, 'steer cannot be done'],
    ['a pin of nothing', { host: 'box', to: 'pin' }, 'Name a model to pin'],
    ['an unknown order', { host: 'box', to: 'explode' }, 'steer cannot be done'],
  ])('G10: an order is refused for %s', async (_, order, words) => {
    await expect(fleet().executeUpdate('steer', { args: [order] })).rejects.toMatchObject({
      cause: { message: expect.stringContaining(words) as string },
    });
  });
});

describe('somebody else who uses the same server', () => {
  test('G8: and loads our other model in place of ours is found, and ours is loaded again before the next call', async () => {
    await steer('pin', ['coder']);
    await holds('coder');
    box.residency.replaceBy('critic:32b');
    await stands(({ report }) => !report.open.includes('coder'));
    const { handle } = await town.launch('outside', [coder('outsider')]);
    expect(await handle.result()).toMatchObject({ landed: 1 });
    await steer('unpin');
    wasOrderly();
  });

  test('G8: and drives ours out in the middle of a call loses no call', async () => {
    await steer('pin', ['coder']);
    await holds('coder');
    const letGo = keep('driven-out');
    const { handle } = await town.launch('driven', [coder('driven-out')]);
    await called('driven-out');
    box.residency.replaceBy('foreign:70b');
    letGo();
    expect(await handle.result()).toMatchObject({ landed: 1 });
    await steer('unpin');
    wasOrderly();
  });
});

describe('a fleet that is terminated', () => {
  test('G5: leaves no order behind; its hosts go on by their own rule, and a new one learns all that is to come', async () => {
    await steer('pin', ['coder']);
    await holds('coder');
    const letGo = keep('ended-one', 'ended-two');
    const { handle } = await town.launch('ended', [
      coder('ended-one'),
      critic('ended-two', { needs: ['ended-one'] }),
      critic('ended-three'),
    ]);
    await called('ended-one');
    await patiently(status, ({ beads }) => beads === 3);
    const { runId } = await fleet().describe();
    await fleet().terminate('by hand');
    letGo();
    // The next report of a host starts it again; it asks the epics, and knows nothing of the pin.
    const again = await patiently(
      async () => {
        const { runId: run } = await fleet().describe();
        const of = town.client.workflow.getHandle(workflowId.fleet, run);
        // Asked before its first task it has no answer yet.
        const now = await of.query<FleetStatus>('fleetStatus').catch(() => undefined);
        return { run, hosts: now?.hosts ?? [], beads: now?.beads ?? 0 };
      },
      ({ run, beads }) => run !== runId && beads > 0,
    );
    expect(again.hosts.every(({ steering }) => Object.keys(steering).length === 0)).toBe(true);
    expect(await handle.result()).toMatchObject({ landed: 3, blocked: 0 });
    await patiently(status, ({ beads }) => beads === 0);
    wasOrderly();
  });
});
