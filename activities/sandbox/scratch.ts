import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sweepControlGroups } from './controlGroup.ts';
import { killMarked } from './strays.ts';

/** The folders of one run: a HOME, a TMPDIR, and room for what the start of the sandbox needs. */
export interface Scratch {
  readonly folder: string;
  readonly home: string;
  readonly tmp: string;
  readonly remove: () => Promise<void>;
}

/** A name for one run, with the owner's pid in it so that a dead owner's can be told. */
export const runName = (): string => `${process.pid}-${randomBytes(6).toString('hex')}`;

/** Makes the folders of a run below `parent`. */
export const openScratch = async (parent: string, name = runName()): Promise<Scratch> => {
  await mkdir(parent, { recursive: true });
  const folder = join(await realpath(parent), name);
  await mkdir(folder, { mode: 0o700 });
  const home = join(folder, 'home');
  const tmp = join(folder, 'tmp');
  await Promise.all([mkdir(home), mkdir(tmp, { mode: 0o1777 })]);
  return { folder, home, tmp, remove: () => removeTree(folder) };
};

/** Removes what killed workers left: their runs' folders, and processes that outlived them (G5). */
export const sweepScratch = async (parent: string): Promise<void> => {
  await sweepControlGroups(isAlive);
  const names = await readdir(parent).catch(() => []);
  await Promise.all(
    names
      .filter((name) => /^\d+-/.test(name) && !isAlive(Number.parseInt(name, 10)))
      .map(async (name) => {
        if (!name.endsWith('.pipe')) await killMarked(join(parent, name));
        await removeTree(join(parent, name));
      }),
  );
};

/** Whether a process of this number runs here; one of somebody else counts. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Commands may have left folders without permissions (Go's module cache does): then those are given back first. */
export const removeTree = async (folder: string): Promise<void> => {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    await promisify(execFile)('chmod', ['-R', 'u+rwX', folder]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
};
