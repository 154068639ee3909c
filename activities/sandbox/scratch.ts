import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sweepProcessLimits } from './processLimit.ts';
import { killMarked } from './strays.ts';

/** The folders of one run: a HOME, a TMPDIR, and room for what the start of the sandbox needs. */
export interface Scratch {
  readonly folder: string;
  readonly home: string;
  readonly tmp: string;
  readonly remove: () => Promise<void>;
}

/** Makes the folders below `parent`, with the owner's pid in the name so that a dead owner's can be told. */
export const openScratch = async (parent: string): Promise<Scratch> => {
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(await realpath(parent), `${process.pid}-`));
  const home = join(folder, 'home');
  const tmp = join(folder, 'tmp');
  await Promise.all([mkdir(home), mkdir(tmp, { mode: 0o1777 })]);
  return { folder, home, tmp, remove: () => removeTree(folder) };
};

/** Removes what killed workers left: their runs' folders, and processes that outlived them (G5). */
export const sweepScratch = async (parent: string): Promise<void> => {
  await sweepProcessLimits(isAlive);
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
