import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FleetHostStatus, FleetStatus } from '../../workflows/domain/fleet/status.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { type ModelHost, startModelHost } from '../support/modelHost.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const gib = 2 ** 30;
const times = { loadTime: '300ms', unloadTime: '100ms' };
const takes = { loadMs: 300, unloadMs: 100 };
let town: TestTown;
const hosts: Record<string, ModelHost> = {};
/** Calls of these beads wait until the test lets them go. */
const held = createHeldCalls();

/** Answers that beads have asked for. */
const asked = new Map<string, number>();

const reply: Parameters<typeof startModelHost>[0]['reply'] = async ({ messages, model }) => {
  const [, bead = ''] = /TASK-OF-([a-z0-9-]+)/.exec(JSON.stringify(messages)) ?? [];
  await held.answer(bead);
  const tries = (asked.get(bead) ?? 0) + 1;
  asked.set(bead, tries);
  if (bead.startsWith('busy') && tries === 1)
    return { fault: 'status', status: 503, body: 'no capacity at present', retryAfter: '1' };
  const isBroken = bead.startsWith('hopeless') || (bead.startsWith('hard') && model.startsWith('tiny'));
  return filesReply({ [`src/${bead}.txt`]: isBroken ? 'BROKEN\n' : `${bead} by ${model}\n` });
};

const host = (name: string): ModelHost => {
  const found = hosts[name];
  if (found === undefined) throw new Error(name);
  return found;
};

beforeAll(async () => {
  const start = (
    name: string,
    models: Parameters<typeof startModelHost>[0]['models'],
    more: object = {},
  ): Promise<void> =>
    startModelHost({ kind: 'ollama', models, slots: 2, reply, ...more }).then(
      (one) => void (hosts[name] = one),
    );
  const of = (context: number, bytes = 0) => ({ context, bytes, ...takes });
  await Promise.all([
    start(
      'wide',
      {
        'big-a:32b': of(32_768, 16 * gib),
        'big-b:32b': of(32_768, 16 * gib),
        'little:7b': of(32_768, 6 * gib),
      },
      { memory: 24 * gib, maxLoaded: 3 },
    ),
    start('shared', {
      'long:32b': { ...of(65_536), weights: 'w' },
      'short:32b': { ...of(16_384), weights: 'w' },
    }),
    start('steps', { 'tiny:3b': of(32_768), 'middle:14b': of(32_768) }),
    ...['left', 'right'].map((name) => start(name, { 'twin-x:32b': of(32_768), 'twin-y:32b': of(32_768) })),
  ]);
  const at = (name: string, more: object = {}) => ({
    kind: 'ollama',
    url: host(name).url,
    slots: 2,
    ...more,
  });
  const model = (name: string, on: readonly string[], more: object = {}) => ({
    ...{ name, context: 32_768, tier: name.split(':')[0], hosts: on, ...times },
    ...more,
  });
  town = await openTestTown({
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
    config: (config) => ({
      ...config,
      hosts: {
        ...(config['hosts'] as object),
        ...{ wide: at('wide', { memory: '24GiB' }), shared: at('shared'), steps: at('steps') },
        ...{ left: at('left'), right: at('right') },
      },
      models: {
        ...(config['models'] as object),
        'big-a': model('big-a:32b', ['wide'], { memory: '16GiB' }),
        'big-b': model('big-b:32b', ['wide'], { memory: '16GiB' }),
        little: model('little:7b', ['wide'], { memory: '6GiB' }),
        long: model('long:32b', ['shared'], { context: 65_536, weights: 'w' }),
        short: model('short:32b', ['shared'], { context: 16_384, weights: 'w' }),
        tiny: model('tiny:3b', ['steps'], { tier: 'quick' }),
        middle: model('middle:14b', ['steps'], { tier: 'standard' }),
        'twin-x': model('twin-x:32b', ['left', 'right']),
        'twin-y': model('twin-y:32b', ['left', 'right']),
      },
      roles: {
        polecat: Object.fromEntries(
          ['big-a', 'big-b', 'little', 'long', 'short', 'twin-x', 'twin-y']
            .map((tier) => [tier, tier])
            .concat([['default', 'model']]),
        ),
      },
      fleet: { minResidency: '1s' },
      limits: { maxParallel: 16, minFreeGiB: 0, bead: { attempts: 2, samples: 1 } },
    }),
  });
});

afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  await Promise.all(Object.values(hosts).map((one) => one.close()));
});

const fleet = () => town.client.workflow.getHandle(workflowId.fleet);
const status = (): Promise<FleetStatus> => fleet().query('fleetStatus');
const stands = async (name: string, fits: (host: FleetHostStatus) => boolean): Promise<FleetHostStatus> => {
  const isSo = (seen: FleetStatus) => seen.hosts.find((one) => one.report.host === name && fits(one));
  return isSo(await patiently(status, (seen) => isSo(seen) !== undefined)) as FleetHostStatus;
};
const { hold: keep } = held;
const called = (name: string, bead: string) =>
  host(name).called((call) => JSON.stringify(call.messages).includes(`TASK-OF-${bead}.`));
const servedBy = (name: string, bead: string): readonly string[] =>
  host(name)
    .requests.filter((call) => JSON.stringify(call.messages).includes(`TASK-OF-${bead}.`))
    .map(({ model }) => model);

describe('models with the same weights', () => {
  test('G8: the one with the larger context serves the calls of both, and nothing is swapped', async () => {
    await town
      .launch('dominance-long', [{ id: 'with-long', tier: 'long' }])
      .then(({ handle }) => handle.result());
    const loads = host('shared').figures().loads;
    const { handle } = await town.launch('dominance', [
      { id: 'short-one', tier: 'short' },
      { id: 'long-one', tier: 'long' },
      { id: 'short-two', tier: 'short', needs: ['long-one'] },
    ]);
    expect(await handle.result()).toMatchObject({ landed: 3, blocked: 0 });
    expect(host('shared').figures()).toMatchObject({ loads, strangers: 0 });
    for (const bead of ['short-one', 'long-one', 'short-two'])
      expect(servedBy('shared', bead)).toEqual(['long:32b']);
  });

  test('G8: when the one that serves both is driven out, it is loaded again and serves both', async () => {
    const letGo = keep('driven-long');
    const { handle } = await town.launch('driven', [
      { id: 'driven-long', tier: 'long' },
      ...['a', 'b', 'c'].map((id) => ({ id: `driven-${id}`, tier: 'short', needs: [] })),
    ]);
    await called('shared', 'driven-long');
    host('shared').residency.evict('long:32b');
    letGo();
    expect(await handle.result()).toMatchObject({ landed: 4, blocked: 0 });
    // What runs or is sent before anybody can know of it may meet an empty server: as many calls as it has places.
    expect(host('shared').strangers.length).toBeLessThanOrEqual(2);
    await stands('shared', ({ report }) => report.open.join() === 'long' && report.refused.length === 0);
  });
});

describe('a host whose memory is known', () => {
  test('holds a large and a small model together, and never two large ones', async () => {
    const { handle } = await town.launch('memory', [
      { id: 'big-1', tier: 'big-a' },
      { id: 'little-1', tier: 'little' },
      { id: 'little-2', tier: 'little', needs: ['big-1'] },
      { id: 'big-2', tier: 'big-b', needs: ['little-1', 'big-1'] },
    ]);
    expect(await handle.result()).toMatchObject({ landed: 4, blocked: 0 });
    const { strangers, mostInUse } = host('wide').figures();
    expect({ strangers, fits: mostInUse <= 24 * gib }).toEqual({ strangers: 0, fits: true });
    expect(host('wide').timeline.some(({ resident }) => resident.length === 2)).toBe(true);
    for (const { resident } of host('wide').timeline)
      expect(resident.filter((model) => model.startsWith('big')).length).toBeLessThanOrEqual(1);
    expect(host('wide').timeline.filter(({ event }) => event === 'evicted')).toEqual([]);
  });
});

describe('a host that dies', () => {
  test('G5: with calls in flight: they finish on the other one, and the dead one serves again when it is back with another model', async () => {
    const letGo = keep('flying-one', 'flying-two');
    const { handle } = await town.launch('flying', [
      { id: 'flying-one', tier: 'twin-x' },
      { id: 'flying-two', tier: 'twin-x' },
    ]);
    const names = ['left', 'right'] as const;
    const first = await Promise.any(names.map((name) => called(name, 'flying-one').then(() => name)));
    const other = first === 'left' ? 'right' : 'left';
    await host(first).down();
    letGo();
    expect(await handle.result()).toMatchObject({ landed: 2, blocked: 0 });
    expect(host(other).requests.length).toBeGreaterThan(0);
    host(first).residency.replaceBy('twin-y:32b');
    await host(first).up();
    await stands(first, ({ report, lost }) => !lost && report.refused.length === 0);
    const more = await town.launch('flying-again', [
      ...['x', 'y'].flatMap((twin) =>
        [1, 2, 3].map((n) => ({ id: `back-${twin}-${n}`, tier: `twin-${twin}` })),
      ),
    ]);
    expect(await more.handle.result()).toMatchObject({ landed: 6, blocked: 0 });
    for (const name of names) expect(host(name).strangers).toEqual([]);
  });

  test('G8: that lies about what it has loaded is refused, and the other one does its work', async () => {
    host('left').misbehave({ liesLoaded: true });
    host('left').residency.evict('twin-x:32b');
    host('left').residency.evict('twin-y:32b');
    const { handle } = await town.launch('lies', [
      { id: 'lied-x', tier: 'twin-x' },
      { id: 'lied-y', tier: 'twin-y' },
    ]);
    expect(await handle.result()).toMatchObject({ landed: 2, blocked: 0 });
    expect(host('left').strangers).toEqual([]);
    host('left').misbehave({ liesLoaded: false });
    await stands('left', ({ report }) => report.refused.length === 0);
  });
});

describe('two hosts', () => {
  test('G8: may hold the same model at once, and both serve its queue', async () => {
    const names = ['left', 'right'] as const;
    const pin = (name: string) =>
      fleet().executeUpdate('steer', { args: [{ host: name, to: 'pin', models: ['twin-x'] }] });
    for (const name of names) await stands(name, () => true);
    await Promise.all(names.map(pin));
    for (const name of names) await stands(name, ({ report }) => report.open.join() === 'twin-x');
    const beads = [1, 2, 3, 4].map((n) => ({ id: `both-${n}`, tier: 'twin-x' }));
    const letGo = keep(...beads.map(({ id }) => id));
    const { handle } = await town.launch('both', beads);
    // Two places each, and nobody is answered: four calls run only where both serve.
    const running = ({ report }: FleetHostStatus): boolean => report.running.length === 2;
    for (const name of names) await stands(name, running);
    letGo();
    expect(await handle.result()).toMatchObject({ landed: 4, blocked: 0 });
    for (const name of names) {
      expect(host(name).strangers).toEqual([]);
      await fleet().executeUpdate('steer', { args: [{ host: name, to: 'unpin' }] });
    }
  });
});

describe('hosts that turn calls away', () => {
  test('G5 G8: with 503 and 429: all is served in the end, each by its own model, and no gate stays shut', async () => {
    for (const name of ['left', 'right']) host(name).misbehave({ callLimit: 1 });
    const beads = ['x', 'y'].flatMap((twin) =>
      [1, 2, 3].map((n) => ({ id: `busy-${twin}-${n}`, tier: `twin-${twin}` })),
    );
    // While these are not answered the next call at their host is one too many.
    const letGo = keep(...beads.map(({ id }) => id));
    const refused = Promise.any(
      ['left', 'right'].map((name) =>
        host(name).saw(({ event, status: code }) => event === 'refused' && code === 429),
      ),
    );
    const { handle } = await town.launch('turned-away', beads);
    await refused;
    letGo();
    expect(await handle.result()).toMatchObject({ landed: 6, blocked: 0 });
    for (const name of ['left', 'right']) {
      host(name).misbehave({ callLimit: Number.POSITIVE_INFINITY });
      expect(host(name).strangers).toEqual([]);
      await stands(name, ({ report }) => report.refused.length === 0 && report.open.length === 1);
    }
    for (const { id } of beads) expect(asked.get(id)).toBeGreaterThan(1);
  });
});

describe('a bead of a tier', () => {
  test('begins with the smallest model where none is resident, and climbs when its gates stay red', async () => {
    expect(host('steps').figures().loads).toBe(0);
    const { handle } = await town.launch('climb', [{ id: 'hard-one', tier: 'quick' }]);
    expect(await handle.result()).toMatchObject({ landed: 1, blocked: 0 });
    const models = servedBy('steps', 'hard-one');
    expect(models[0]).toBe('tiny:3b');
    expect(models.at(-1)).toBe('middle:14b');
  });

  test('goes to a larger model that is resident before a smaller one is loaded for it', async () => {
    await stands('steps', ({ report }) => report.open.join() === 'middle');
    const { loads } = host('steps').figures();
    const { handle } = await town.launch('resident', [{ id: 'easy-one', tier: 'quick' }]);
    expect(await handle.result()).toMatchObject({ landed: 1 });
    expect(servedBy('steps', 'easy-one')).toEqual(['middle:14b']);
    expect(host('steps').figures().loads).toBe(loads);
    expect(host('steps').strangers).toEqual([]);
  });
});

describe('what a plan says of a bead', () => {
  test('an optional one that is blocked holds up nobody: what needs it starts, and its epic counts as landed', async () => {
    const bead = (id: string, more: object = {}) => ({ id, title: id, task: `TASK-OF-${id}.`, ...more });
    const epics = [
      {
        id: 'first',
        beads: [
          bead('hopeless-one', { optional: true, model: 'little', attempts: 1 }),
          bead('after-hopeless', { needs: ['hopeless-one'] }),
        ],
      },
      { id: 'second', needs: ['first'], beads: [bead('after-first')] },
    ];
    const { handle } = await town.launch('optional', [], { beads: undefined, epics });
    expect(await handle.result()).toMatchObject({ landed: 2, blocked: 1 });
    const [hopeless] = (await town.epicStatus('optional', 'first')).beads;
    expect(hopeless).toMatchObject({ bead: 'hopeless-one', state: 'blocked', optional: true });
  });

  test('its model comes first and its fallback takes over, after as many tries as it is given', async () => {
    const { handle } = await town.launch('fallback', [
      { id: 'hard-fall', model: 'tiny', fallback: ['middle'], attempts: 1, estimate: '1s' },
      { id: 'roomy', context: 60_000, tier: 'long' },
    ]);
    expect(await handle.result()).toMatchObject({ landed: 2, blocked: 0 });
    expect(servedBy('steps', 'hard-fall')).toEqual(['tiny:3b', 'middle:14b']);
  });
});
