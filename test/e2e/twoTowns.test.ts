import { mkdir, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest';
import { readRecord, writeRecord } from '../../deploy/town/record.ts';
import { folderWith, gt, type Ran, townFile } from '../client/gtProcess.ts';

// Real towns in processes of their own, beside other files that do the same.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 240_000 });

let mill: string;
let forge: string;
beforeEach(async () => {
  mill = await folderWith({ 'gastown.yaml': townFile });
  forge = await folderWith({ 'gastown.yaml': townFile.replace('name: mill', 'name: forge') });
  await Promise.all(
    [mill, forge].map((folder) => mkdir(join(folder, 'home', 'bundles'), { recursive: true })),
  );
});
afterEach(async () => {
  for (const folder of [mill, forge]) {
    await gt(['down', '--now'], folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
});

const up = (folder: string): Promise<Ran> =>
  gt(['up', '--detach', '--no-ui'], folder, { GASTOWN_TEMPORAL_CLI: inject('temporalCli') });
const recordOf = (folder: string) => readRecord(join(folder, 'home'));

/** A town that was open once, on a port that another program has now. */
const portInUse = async (folder: string): Promise<string> => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = `127.0.0.1:${(other.address() as { port: number }).port}`;
  await writeRecord(join(folder, 'home'), {
    ...{ name: 'mill', namespace: 'gastown-mill', address, uiUrl: undefined, homeId: 'h' },
    ...{ config: join(folder, 'gastown.yaml'), version: 'v', startedAt: new Date().toISOString() },
    ...{ state: 'closed', pids: [] },
  });
  return address;
};

test('two `gt up` at once, a port in use, and two towns side by side: each is told or got around, and none disturbs another', async () => {
  const taken = await portInUse(mill);
  const both = await Promise.all([up(mill), up(mill)]);
  expect(both.map(({ code }) => code ?? -1).toSorted((a, b) => a - b)).toEqual([0, 1]);
  const loser = both.find(({ code }) => code === 1);
  expect(loser?.err).toMatch(/TownOpen: [\s\S]*Next: [\s\S]*gt status/);
  const first = await recordOf(mill);
  expect(first?.pids.map(({ role }) => role)).toEqual(['supervisor', 'server', 'town', 'hosts']);
  expect(first?.address).not.toBe(taken);

  // Only saves the time of building the same bundle again.
  await rm(join(forge, 'home', 'bundles'), { recursive: true });
  await symlink(join(mill, 'home', 'bundles'), join(forge, 'home', 'bundles'));
  expect(await up(forge)).toMatchObject({ code: 0 });
  const second = await recordOf(forge);
  expect(second?.address).not.toBe(first?.address);
  expect([first?.namespace, second?.namespace]).toEqual(['gastown-mill', 'gastown-forge']);
  expect(second?.homeId).not.toBe(first?.homeId);
  const looked = await gt(['doctor', '--quick'], mill);
  expect(looked.out).toMatch(/^warn town forge +It is open and uses the same host/m);

  expect(await gt(['down', '--now'], forge)).toMatchObject({ code: 0 });
  expect(await gt(['status'], mill)).toMatchObject({ code: 0, out: expect.stringContaining('Town mill') });
});
