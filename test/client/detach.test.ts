import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDetached } from '../../client/detach.ts';
import { findTown } from '../../client/places.ts';
import { lockTown } from '../../deploy/town/lock.ts';
import { isAlive, markOf } from '../../deploy/town/processes.ts';
import { eventually } from '../support/town.ts';
import { folderWith, gt, townFile } from './gtProcess.ts';

vi.setConfig({ testTimeout: 120_000 });

const options = { grace: 1, workers: 1, hostWorkers: 1, ui: false };

let folder: string;
beforeEach(async () => {
  folder = await folderWith({ 'gastown.yaml': townFile });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** A server that never serves, and never ends by itself. */
const deafServer = async (): Promise<string> => {
  const path = join(folder, 'deaf');
  await writeFile(path, `#!/bin/sh\necho $$ > ${join(folder, 'pid')}\nexec sleep 600\n`);
  await chmod(path, 0o755);
  return path;
};

test('G5: a start in the background that hangs is ended before its failure is told', async () => {
  vi.stubEnv('GASTOWN_TEMPORAL_CLI', await deafServer());
  const place = await findTown({ config: join(folder, 'gastown.yaml') });
  const opening = openDetached(place, options, { silentMs: 15_000, tellAfterMs: 60_000 });
  opening.catch(() => {});
  const pid = await eventually(
    async () => Number(await readFile(join(folder, 'pid'), 'utf8')),
    (found) => found > 0,
  );
  const server = await markOf(pid);
  await expect(opening).rejects.toMatchObject({
    trouble: { type: 'TownNotOpened', what: expect.stringContaining('nothing happened for 15 s') as string },
  });
  expect(server && (await isAlive(server))).toBe(false);
  // Nobody has the home any more.
  (await lockTown(join(folder, 'home'))).release();
});

test('a start in the background that fails says what the log says', async () => {
  const ran = await gt(['up', '--detach', '--no-ui'], folder, { GASTOWN_TEMPORAL_CLI: '/bin/false' });
  expect(ran).toMatchObject({ code: 1, err: expect.stringMatching(/TownNotOpened[\s\S]*logs\/up\.log/) });
});

test('G10: of two starts at once the one that comes second says that the town is open, and nothing else', async () => {
  // Another process than that of `gt` has the home, and has not written yet who it is.
  const lock = await lockTown(join(folder, 'home'));
  try {
    const ran = await gt(['up', '--detach', '--no-ui'], folder, { GASTOWN_TEMPORAL_CLI: '/bin/false' });
    expect(ran).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/TownOpen: [\s\S]*\nNext: /) });
    expect(ran.err).not.toContain('TownNotOpened');
  } finally {
    lock.release();
  }
});
