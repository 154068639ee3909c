import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fleetPage } from '../../client/render/fleetPage.ts';
import { terminalOf } from '../../client/render/terminal.ts';
import type { FleetHostStatus, FleetStatus } from '../../workflows/domain/fleet/status.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { type ModelHost, startModelHost } from '../support/modelHost.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const context = 32_768;
const never = 3_600_000;
let town: TestTown;
/** Two models that displace each other, of which one is never loaded. */
let box: ModelHost;

beforeAll(async () => {
  box = await startModelHost({
    kind: 'ollama',
    models: {
      'coder:32b': { context, loadMs: 200, unloadMs: 50 },
      'critic:32b': { context, loadMs: never, unloadMs: 50 },
    },
    slots: 2,
    reply: async (call) => {
      const [, bead = ''] = /TASK-OF-([a-z0-9-]+)/.exec(JSON.stringify(call.messages)) ?? [];
      return filesReply({ [`src/${bead}.txt`]: `${bead} by ${call.model}\n` });
    },
  });
  const model = (key: string, more: object = {}) => ({
    ...{ name: `${key}:32b`, context, tier: key, hosts: ['box'], loadTime: '200ms', unloadTime: '50ms' },
    ...more,
  });
  town = await openTestTown({
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
    config: (config) => ({
      ...config,
      hosts: { ...(config['hosts'] as object), box: { kind: 'ollama', url: box.url, slots: 2 } },
      models: {
        ...(config['models'] as object),
        coder: model('coder'),
        // No load of it is given more than a call.
        critic: model('critic', { firstTokenTimeout: '3s', callTimeout: '3s' }),
      },
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

test('G10: an order for a model that the host does not serve is refused by the fleet itself, and changes nothing', async () => {
  for (const to of ['pin', 'load'])
    await expect(steer(to, ['coder', 'model'])).rejects.toMatchObject({
      cause: {
        message: 'The host box does not serve model.',
        details: [expect.objectContaining({ evidence: 'box serves: coder, critic.' })],
      },
    });
  expect((await stands(() => true)).steering).toEqual({});
});

test('G8: a pinned model whose load never ends leaves the host to its former one, with the word that the pin is not kept, until it can be loaded', async () => {
  const first = await town.launch('before', [{ id: 'before', tier: 'coder' }]);
  expect(await first.handle.result()).toMatchObject({ landed: 1 });
  await holds('coder');
  await steer('pin', ['critic']);
  const back = await stands(
    ({ report }) => report.open.join() === 'coder' && (report.troubles ?? []).length > 0,
  );
  expect(back).toMatchObject({
    steering: { pinned: ['critic'] },
    report: { troubles: [{ model: 'critic', what: expect.stringContaining('has been loading critic:32b') }] },
  });
  const lines = fleetPage(await status(), terminalOf({}, {}), Date.now()).join('\n');
  expect(lines).toContain('box: the pin of critic is not kept: Host box hangs');
  expect(lines).toContain('not critic, see below');

  // Between the tries it serves who has work, and each pause is longer than the last.
  const second = await town.launch('between', [{ id: 'between', tier: 'coder' }]);
  expect(await second.handle.result()).toMatchObject({ landed: 1 });
  const again = await stands(({ report }) => (report.troubles?.[0]?.tries ?? 0) >= 2);
  const trouble = again.report.troubles?.[0];
  expect(trouble?.nextAt).toBeGreaterThan(back.report.troubles?.[0]?.nextAt ?? Number.POSITIVE_INFINITY);
  expect(box.requests.some(({ model }) => model === 'critic:32b')).toBe(false);

  box.residency.create('critic:32b', { context, loadMs: 200, unloadMs: 50 });
  const kept = await holds('critic');
  expect(kept.report.troubles ?? []).toEqual([]);
  const third = await town.launch('after', [{ id: 'after', tier: 'critic' }]);
  expect(await third.handle.result()).toMatchObject({ landed: 1 });
  await steer('unpin');
  expect(box.strangers).toEqual([]);
});
