import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { assertRoom } from '../../../deploy/town/room.ts';
import { programPath } from './standIn.ts';

const run = promisify(execFile);

/** A disk of 1 MiB that only one process sees. */
const onSmallDisk = ['--user', '--map-root-user', '--mount', 'sh', '-c'];
const canMount = await run('unshare', [...onSmallDisk, 'mount -t tmpfs -o size=1m tmpfs /mnt']).then(
  () => true,
  () => false,
);

test('G10: a home without room refuses to open, with what is free and what is needed', async () => {
  await expect(assertRoom(tmpdir(), 2 ** 60)).rejects.toMatchObject({
    trouble: { type: 'DiskFull', evidence: expect.stringMatching(/\d+ MiB free/) as string },
  });
  await assertRoom(tmpdir(), 0);
});

test.runIf(canMount)('a disk that fills up does not take an open town down with it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'gastown-full-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const script = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" "$3" "$1"';
  const { stdout } = await run('unshare', [
    ...[...onSmallDisk, script, 'sh', home],
    ...[process.execPath, programPath('fillDisk')],
  ]);
  // The record stays the last one that could be written, and is never half of one.
  expect(JSON.parse(stdout)).toEqual({
    filled: expect.stringContaining('ENOSPC'),
    said: 'DiskFull',
    state: 'open',
  });
});
