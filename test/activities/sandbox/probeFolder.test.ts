import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openProbeFolder } from '../../../activities/sandbox/probeFolder.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'gastown-test-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

/** A trial's folder with something in it, last touched so many minutes ago. */
const left = async (name: string, minutes: number): Promise<void> => {
  const folder = join(parent, name);
  await mkdir(join(folder, 'tree'), { recursive: true });
  await writeFile(join(folder, 'secret'), 'secret');
  const at = new Date(Date.now() - minutes * 60_000);
  await utimes(folder, at, at);
};

test('G5: a trial of the sandbox removes what killed trials left, and leaves what may be at work or is not its own', async () => {
  const dead = execa('true');
  const { pid } = dead;
  await dead;
  await left(`gastown-probe-${pid}-abcdef`, 30);
  await left('gastown-probe-3LtLBV', 30);
  await left(`gastown-probe-${pid}-fresh1`, 0);
  await left(`gastown-probe-${process.pid}-atwork`, 30);
  await left('gastown-probed', 30);
  const folder = await openProbeFolder(parent);
  const names = await readdir(parent);
  expect(names.map((name) => join(parent, name))).toContain(folder);
  expect(names.toSorted()).toEqual(
    [
      `gastown-probe-${pid}-fresh1`,
      `gastown-probe-${process.pid}-atwork`,
      'gastown-probed',
      folder.slice(parent.length + 1),
    ].toSorted(),
  );
});
