import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { FleetStatus } from '../../workflows/domain/fleet/status.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import { type ModelHost, startModelHost } from '../support/modelHost.ts';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const context = 32_768;
let town: TestTown;
/** Holds one of two models that displace each other. */
let box: ModelHost;

beforeAll(async () => {
  const reply: Parameters<typeof startModelHost>[0]['reply'] = (call) => {
    const [, bead = ''] = /TASK-OF-([a-z0-9-]+)/.exec(JSON.stringify(call.messages)) ?? [];
    return filesReply({ [`src/${bead}.txt`]: `${bead}\n` });
  };
  box = await startModelHost({
    kind: 'ollama',
    models: {
      'coder:32b': { context, loadMs: 300, unloadMs: 100 },
      'critic:32b': { context, loadMs: 300, unloadMs: 100 },
    },
    slots: 2,
    reply,
  });
  town = await openTestTown({
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
    config: (config) => ({
      ...config,
      sandbox: 'off',
      hosts: { ...(config['hosts'] as object), box: { kind: 'ollama', url: box.url, slots: 2 } },
      models: {
        ...(config['models'] as object),
        coder: {
          name: 'coder:32b',
          context,
          tier: 'coder',
          hosts: ['box'],
          loadTime: '300ms',
          unloadTime: '100ms',
        },
        critic: {
          name: 'critic:32b',
          context,
          tier: 'critic',
          hosts: ['box'],
          loadTime: '300ms',
          unloadTime: '100ms',
        },
      },
      roles: { polecat: { default: 'model', coder: 'coder', critic: 'critic' } },
      limits: { maxParallel: 16, minFreeGiB: 0 },
    }),
  });
});

afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  await box?.close();
});

const status = (): Promise<FleetStatus> =>
  town.client.workflow.getHandle(workflowId.fleet).query('fleetStatus');

test('G8: beads for two models that displace each other share a host by planned swaps, and no call meets the wrong one', async () => {
  const { handle } = await town.launch('swaps', [
    { id: 'one', tier: 'coder' },
    { id: 'two', tier: 'coder' },
    { id: 'three', tier: 'coder' },
    { id: 'check', tier: 'critic', needs: ['one'] },
    { id: 'proof', tier: 'critic', needs: ['two'] },
  ]);
  expect(await handle.result()).toMatchObject({ landed: 5, blocked: 0 });
  expect(box.strangers).toEqual([]);
  const seen = await patiently(status, ({ beads, swaps }) => beads === 0 && swaps.length > 0);
  console.log(JSON.stringify(seen, null, 1));
  console.log(
    box.timeline
      .filter(({ event }) => event !== 'request')
      .map(({ event, model, at }) => `${Math.round(at)} ${event} ${model}`)
      .join('\n'),
  );
  expect(box.timeline.filter(({ event }) => event === 'evicted')).toEqual([]);
});
