import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { TownConfig } from '../../deploy/config/index.ts';
import { eventually, filesReply, openTestTown, type TestTown } from '../support/town.ts';

// A whole town, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
beforeAll(async () => {
  town = await openTestTown({
    reply: (bead) => filesReply({ [`src/${bead}.txt`]: `${bead}\n` }),
    config: (config) => ({ ...config, sandbox: 'off', limits: { maxParallel: 1, minFreeGiB: 100_000 } }),
    pace: { roomMs: 200 },
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

/** What freeing the disk does to the worker: less is needed than there is. */
const freeTheDisk = async ({ limits }: TownConfig): Promise<void> => {
  (limits as { minFreeBytes: number }).minFreeBytes = 0;
  await town.restart();
};

test('G10: while the disk has less free than minFreeGiB no bead starts, the board says so and names the way out; then they start by themselves', async () => {
  const convoy = await town.launch('full', [{ id: 'one' }, { id: 'two' }]);
  const status = await eventually(
    () => town.epicStatus('full'),
    ({ paused }) => paused !== undefined,
  );
  expect(status.paused).toMatch(/^The disk has \d+\.\d GiB free, less than limits\.minFreeGiB \(100000\)/);
  expect(status.paused).toContain('gt prune');
  expect(status.beads.map(({ state }) => state)).toEqual(['pending', 'pending']);
  expect(town.host.requests).toEqual([]);

  await freeTheDisk(town.config);
  expect(await convoy.handle.result()).toMatchObject({ landed: 2, blocked: 0 });
  expect((await town.epicStatus('full')).paused).toBeUndefined();
});
