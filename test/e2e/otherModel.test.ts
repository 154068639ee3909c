import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type ModelHost, startModelHost } from '../support/modelHost.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
let away: ModelHost;

beforeAll(async () => {
  away = await startModelHost({
    kind: 'openai',
    models: { 'away-model': { context: 32_768 } },
    reply: () => 'never',
  });
  await away.down();
  town = await openTestTown({
    files: { 'src/long.txt': 'a line of a large file\n'.repeat(600) },
    reply: (bead, { model }) => filesReply({ [`src/${bead}.txt`]: `by ${model}\n` }),
    models: { 'narrow-model': { context: 4_096 } },
    // Nobody gives up on a host before the test has handed over.
    pace: { downPatienceMs: 200_000, refusedPatienceMs: 200_000 },
    config: (config) => ({
      ...config,
      hosts: {
        host: { ...(config as { hosts: { host: object } }).hosts.host, coresident: true },
        away: { kind: 'openai', url: away.url, slots: 1 },
      },
      models: {
        ...(config['models'] as object),
        narrow: { name: 'narrow-model', context: 4_096, maxTokens: 1_024, tier: 'narrow', hosts: ['host'] },
        away: { name: 'away-model', context: 32_768, tier: 'away', hosts: ['away'] },
      },
      roles: { polecat: { default: ['narrow', 'model'], waits: ['away', 'model'] } },
    }),
  });
});
afterAll(async () => {
  await town?.[Symbol.asyncDispose]();
  await away?.close();
});

test('a task that no prompt of its model can hold goes to the next model, and costs no turn', async () => {
  const { handle } = await town.launch('large', [{ id: 'wide', files: ['src/long.txt'] }]);
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(await town.beadStatus('large', 'wide')).toMatchObject({ model: 'model', spent: { turns: 1 } });
});

test('a hand-over reaches a bead that waits for a host which is away, and asks that host for no last words', async () => {
  const { handle } = await town.launch('away', [{ id: 'stuck', tier: 'waits' }]);
  await eventually(
    () => town.beadStatus('away', 'stuck'),
    ({ waiting }) => waiting !== undefined,
  );
  await town.bead('away', 'stuck').signal('handoff', { reason: 'its host is away', model: 'model' });
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(await town.beadStatus('away', 'stuck')).toMatchObject({ model: 'model', conversation: 2 });
});
