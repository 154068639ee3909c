import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assertHome, ensureHomeId } from '../../../deploy/town/homeId.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gastown-home-'));
});
afterEach(async () => await rm(home, { recursive: true, force: true }));

test('a home gets its id once, also when several ask at the same time', async () => {
  const ids = await Promise.all(Array.from({ length: 8 }, () => ensureHomeId(home)));
  expect(new Set(ids).size).toBe(1);
  expect(await readdir(home)).toEqual(['home.id']);
});

test('a worker with the right home goes on, with another or none it refuses', async () => {
  const id = await ensureHomeId(home);
  await assertHome(home, id);
  await expect(assertHome(home, 'other')).rejects.toMatchObject({ name: 'WrongHome' });
  await expect(assertHome(join(home, 'nowhere'), id)).rejects.toMatchObject({
    trouble: { type: 'WrongHome', evidence: expect.stringContaining('ENOENT') },
  });
});
