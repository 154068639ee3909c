import { access, lutimes, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { homeAt } from '../../activities/home.ts';
import { prune } from '../../deploy/disk/prune.ts';
import { diskUse } from '../../deploy/disk/use.ts';
import { ensureHomeId } from '../../deploy/town/homeId.ts';
import { lockTown } from '../../deploy/town/lock.ts';
import { gt } from '../client/gtProcess.ts';
import { openGtTown } from '../client/gtTown.ts';
import { filesReply, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const day = 86_400_000;
let town: TestTown;
const held = Promise.withResolvers<void>();

beforeAll(async () => {
  town = await openGtTown({
    reply: async (bead) => {
      if (bead === 'open') await held.promise;
      return filesReply({ [`src/${bead}.txt`]: bead === 'broken' ? 'BROKEN\n' : `${bead}\n` });
    },
    config: (config) => ({ ...config, sandbox: 'off' }),
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

const filesBelow = async (root: string): Promise<string[]> =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('G5: prune takes what ended convoys left behind, and nothing that an open one needs', async () => {
  const { home } = town.config;
  const places = homeAt(home);
  const done = await town.launch('done', [{ id: 'fine' }, { id: 'broken' }]);
  expect(await done.handle.result()).toMatchObject({ landed: 1, blocked: 1 });
  const open = await town.launch('going', [{ id: 'open' }]);
  await patiently(
    () => town.beadStatus('going', 'open'),
    ({ state }) => state === 'inferring',
  );

  const refs = async (): Promise<string> =>
    (await execa('git', ['-C', places.repo('rig'), 'for-each-ref', '--format=%(refname)'])).stdout;
  const before = Date.now();
  // Everything is new: nothing goes.
  expect(await prune({ home, client: town.client, before: before - day, dryRun: true })).toEqual([]);

  // All files are made as old as if the town had run for a month. Ended workflows are told by the server's clock.
  const month = new Date(before - 30 * day);
  for (const path of [
    ...(await filesBelow(join(home, 'blobs'))),
    ...(await filesBelow(join(home, 'transcripts'))),
  ]) {
    await lutimes(path, month, month);
  }
  const old = { home, client: town.client, before: before - 14 * day };
  const kinds = (await prune({ ...old, dryRun: true })).map(({ kind }) => kind);
  // Its convoy ended a moment ago, so its transcripts stay, and with them their texts.
  expect(kinds).not.toContain('transcripts');

  const later = { home, client: town.client, before: Date.now() + 1_000 };
  const removed = await prune({ ...later, dryRun: false });
  expect(removed.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['blobs', 'transcripts', 'refs']));
  await expect(access(places.transcript({ convoy: 'done', epic: 'done', bead: 'fine' }))).rejects.toThrow();
  expect(await refs()).not.toContain('refs/gt/kept/done');
  expect(await refs()).toContain('refs/gt/convoy/done');
  expect(await refs()).toContain('refs/heads/gt/going/going/open');

  held.resolve();
  expect(await open.handle.result()).toMatchObject({ landed: 1 });
  expect(await town.repo.git('show', 'main:src/open.txt')).toBe('open');
});

test('gt disk says what the home holds; gt prune and gt town remove say what they refuse', async () => {
  const use = await diskUse(town.config.home);
  expect(use.parts.map(({ path }) => path)).toEqual(expect.arrayContaining(['rigs/rig/repo.git', 'blobs']));
  expect(use.total).toBeGreaterThan(0);
  // SQLite keeps what is new beside the file.
  const sides = join(town.folder, 'sides');
  await mkdir(sides);
  await writeFile(join(sides, 'temporal.db'), 'x'.repeat(4_096));
  await writeFile(join(sides, 'temporal.db-wal'), 'x'.repeat(400_000));
  const [database] = (await diskUse(sides)).parts;
  expect(database?.bytes).toBeGreaterThan(400_000);

  const disk = await gt(['disk', '--json'], town.folder);
  expect(disk.code).toBe(0);
  expect(JSON.parse(disk.out)).toMatchObject({ data: { home: town.config.home } });
  const pruned = await gt(['prune', '--older', '2w', '--dry-run'], town.folder);
  expect(pruned.out).toContain('Nothing');
  const wrong = await gt(['prune', '--older', '14'], town.folder);
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('14d, 36h or 2w') as string });

  // No home of a town: a mistyped --home deletes nothing.
  const mistyped = await gt(['town', 'remove', '--yes', '--home', town.folder], town.folder);
  expect(mistyped).toMatchObject({ code: 2, err: expect.stringContaining('not a town’s home') as string });
  await access(join(town.folder, 'gastown.yaml'));
});

test('gt town remove deletes a closed town, refuses an open one, and asks nobody who cannot answer', async () => {
  const home = join(town.folder, 'closed');
  await ensureHomeId(home);
  await writeFile(join(home, 'something'), 'x');
  const silent = await gt(['town', 'remove', '--home', home], town.folder);
  expect(silent).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') as string });
  const lock = await lockTown(home);
  const open = await gt(['town', 'remove', '--yes', '--home', home], town.folder);
  expect(open).toMatchObject({
    code: 1,
    err: expect.stringMatching(/The town is open, so nothing was deleted[\s\S]*gt down/) as string,
  });
  lock.release();
  expect(await gt(['town', 'remove', '--yes', '--home', home], town.folder)).toMatchObject({ code: 0 });
  await expect(access(home)).rejects.toThrow('ENOENT');
});
