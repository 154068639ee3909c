import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { FleetHostStatus, FleetStatus } from '../../workflows/domain/fleet/status.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { recordHistory } from '../replay/record.ts';
import { createHeldCalls } from '../support/heldCalls.ts';
import { type HostEvent, type ModelHost, startModelHost } from '../support/modelHost.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const context = 32_768;
let town: TestTown;
/** Two models that the town must never have there together; the server itself would take both. */
let box: ModelHost;
/** Two models that it holds together. */
let pair: ModelHost;
/** Calls of these beads wait until the test lets them go. */
const held = createHeldCalls();

const reply: Parameters<typeof startModelHost>[0]['reply'] = async (call) => {
  const [, bead = ''] = /TASK-OF-([a-z0-9-]+)/.exec(JSON.stringify(call.messages)) ?? [];
  await held.answer(bead);
  return filesReply({ [`src/${bead}.txt`]: `${bead}\n` });
};

beforeAll(async () => {
  const slow = { context, loadMs: 1_000, unloadMs: 100 };
  pair = await startModelHost({
    ...{ kind: 'ollama', slots: 2, maxLoaded: 2, reply },
    models: { 'one:7b': slow, 'other:7b': slow },
  });
  box = await startModelHost({
    kind: 'ollama',
    models: { 'coder:32b': slow, 'critic:32b': slow },
    slots: 2,
    maxLoaded: 4,
    reply,
  });
  const model = (key: string, host = 'box', size = '32b') => ({
    ...{ name: `${key}:${size}`, context, tier: key, hosts: [host], loadTime: '1s', unloadTime: '100ms' },
  });
  town = await openTestTown({
    hosts: 'elsewhere',
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
    config: (config) => ({
      ...config,
      hosts: {
        ...(config['hosts'] as object),
        box: { kind: 'ollama', url: box.url, slots: 2 },
        pair: { kind: 'ollama', url: pair.url, slots: 2, coresident: true },
      },
      models: {
        ...(config['models'] as object),
        ...{ coder: model('coder'), critic: model('critic') },
        ...{ one: model('one', 'pair', '7b'), other: model('other', 'pair', '7b') },
      },
      roles: { polecat: { default: 'model', coder: 'coder', critic: 'critic', one: 'one', other: 'other' } },
      limits: { maxParallel: 16, minFreeGiB: 0 },
    }),
  });
});

afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  await box?.close();
  await pair?.close();
});

const fleet = () => town.client.workflow.getHandle(workflowId.fleet);
const status = (): Promise<FleetStatus> => fleet().query('fleetStatus');
const steer = (to: string, models?: readonly string[]): Promise<string> =>
  fleet().executeUpdate('steer', { args: [{ host: 'box', to, ...(models && { models }) }] });
const stands = (fits: (host: FleetHostStatus) => boolean): Promise<FleetStatus> =>
  patiently(status, ({ hosts }) => hosts.some((host) => host.report.host === 'box' && fits(host)));
const called = (bead: string) =>
  box.called((call) => JSON.stringify(call.messages).includes(`TASK-OF-${bead}.`));

/** The first such event from now on. */
const next = (matches: (event: HostEvent) => boolean): Promise<HostEvent> => {
  const now = performance.now();
  return box.saw((event) => event.at > now && matches(event));
};
const ofCritic = (event: HostEvent['event']) => (seen: HostEvent) =>
  seen.event === event && seen.model.startsWith('critic');

/** Resolves when the swap from the coder to the critic has come so far. */
const moments: Readonly<Record<string, () => Promise<unknown>>> = {
  drain: () => stands(({ report }) => report.swap?.phase === 'drain'),
  load: () => next(ofCritic('load')),
  verify: async () => {
    await next(ofCritic('loaded'));
    // The proof of life that comes before the gate opens is never answered.
    const proof = next((event) => ofCritic('chat')(event) && event.call === undefined);
    box.misbehave({ deadScheduler: true });
    await proof;
  },
};

test.each(['drain', 'load', 'verify'])(
  'G5 G8: SIGKILL of the process that holds the lease in the middle of a %s: another takes over, and every bead lands once',
  async (phase) => {
    const holder = await town.hostsElsewhere();
    await stands(({ report, lost }) => !lost && report.away === undefined);
    await steer('load', ['coder']);
    await stands(({ report }) => report.open.join() === 'coder');
    const flies = `${phase}-flies`;
    const letFly = held.hold(flies);
    const { handle } = await town.launch(phase, [
      { id: flies, tier: 'coder' },
      { id: `${phase}-critic`, tier: 'critic' },
      { id: `${phase}-after`, tier: 'critic', needs: [flies] },
      { id: `${phase}-last`, tier: 'coder', needs: [`${phase}-after`] },
    ]);
    await called(flies);
    const reached = moments[phase]?.();
    await steer('load', ['critic']);
    await stands(({ report }) => report.swap !== undefined);
    if (phase !== 'drain') letFly();
    await reached;
    holder.kill('SIGKILL');
    box.misbehave({ deadScheduler: false });
    const heir = await town.hostsElsewhere();
    letFly();
    await stands(({ report }) => report.open.join() === 'critic');
    await steer('unpin');
    expect(await handle.result()).toMatchObject({ landed: 4, blocked: 0 });

    const landed = await town.repo.git('log', '--format=%(trailers:key=Bead,valueonly)', 'main');
    for (const bead of [flies, `${phase}-critic`, `${phase}-after`, `${phase}-last`])
      expect(landed.split('\n').filter((one) => one.endsWith(`/${bead}`))).toHaveLength(1);
    expect(box.strangers).toEqual([]);
    for (const { resident } of box.timeline) expect(resident.length).toBeLessThanOrEqual(1);
    await stands(({ report, lost }) => !lost && report.open.length === 1 && report.swap === undefined);
    const gone = new Promise((resolve) => heir.once('exit', resolve));
    heir.kill('SIGKILL');
    await gone;
  },
);

test('G5 G8: SIGKILL while a host that holds its models together loads the second and a call of the first runs', async () => {
  const loading = pair.saw(({ event, model }) => event === 'load' && model.startsWith('other'));
  const letFly = held.hold('pair-flies');
  const holder = await town.hostsElsewhere();
  const { handle } = await town.launch('pair', [
    { id: 'pair-flies', tier: 'one' },
    { id: 'pair-other', tier: 'other' },
    { id: 'pair-after', tier: 'other', needs: ['pair-flies'] },
  ]);
  const flies = pair.called((call) => JSON.stringify(call.messages).includes('TASK-OF-pair-flies.'));
  await Promise.all([loading, flies]);
  holder.kill('SIGKILL');
  const heir = await town.hostsElsewhere();
  letFly();
  expect(await handle.result()).toMatchObject({ landed: 3, blocked: 0 });
  expect(pair.strangers).toEqual([]);
  const both = ({ report, lost }: FleetHostStatus): boolean =>
    report.host === 'pair' && !lost && report.open.length === 2 && report.running.length === 0;
  await patiently(status, ({ hosts }) => hosts.some(both));
  const gone = new Promise((resolve) => heir.once('exit', resolve));
  heir.kill('SIGKILL');
  await gone;
});

test('a fleet whose history is long continues as new, with all that it knows and what people said', async () => {
  await town.hostsElsewhere();
  await stands(({ report, lost }) => !lost && report.away === undefined);
  await steer('pin', ['critic']);
  await stands(({ report }) => report.open.join() === 'critic');
  const { runId } = await fleet().describe();
  const before = await status();
  // Nobody believes such a message, and each is in the history all the same.
  const long = { epic: 'x'.repeat(100_000) };
  for (let sent = 0; sent < 50; sent += 1) await fleet().signal('stages', long);
  await steer('pin', ['coder']);
  const after = await patiently(
    async () => {
      const { runId: run } = await fleet().describe();
      const of = town.client.workflow.getHandle(workflowId.fleet, run);
      return { run, ...(await of.query<FleetStatus>('fleetStatus')) };
    },
    ({ run, plan }) => run !== runId && plan !== undefined,
  );
  expect(after.swaps.slice(0, before.swaps.length)).toEqual(before.swaps);
  expect(after.hosts.find(({ report }) => report.host === 'box')).toMatchObject({
    steering: { pinned: ['coder'] },
  });
  await stands(({ report, told }) => report.open.join() === 'coder' && told?.join() === 'coder');
  const { handle } = await town.launch('carried', [
    { id: 'carried-coder', tier: 'coder' },
    { id: 'carried-critic', tier: 'critic', needs: ['carried-coder'] },
  ]);
  await called('carried-coder');
  await steer('unpin');
  expect(await handle.result()).toMatchObject({ landed: 2, blocked: 0 });
  expect(box.strangers).toEqual([]);
  await recordHistory(town.client, workflowId.fleet, 'fleet-carried-on');
});
