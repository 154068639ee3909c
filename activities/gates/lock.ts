import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Runs `action` while no other process of this machine is in it. The lock is a folder with its owner's pid; a dead
 * owner's is taken over (G5), and so is one older than `maxMs`. Throws the signal's reason when cancelled while waiting.
 */
export const withLock = async <T>(
  path: string,
  maxMs: number,
  signal: AbortSignal | undefined,
  action: () => Promise<T>,
): Promise<T> => {
  while (!(await take(path))) {
    signal?.throwIfAborted();
    if (await isStale(path, maxMs)) await rm(path, { recursive: true, force: true });
    else await wait(50);
  }
  try {
    return await action();
  } finally {
    await rm(path, { recursive: true, force: true });
  }
};

/** Whether somebody is in it now. */
export const isHeld = async (path: string, maxMs: number): Promise<boolean> => {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  return exists && !(await isStale(path, maxMs));
};

const take = async (path: string): Promise<boolean> => {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(path, 'pid'), String(process.pid));
  return true;
};

const isStale = async (path: string, maxMs: number): Promise<boolean> => {
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  const pid = Number(await readFile(join(path, 'pid'), 'utf8').catch(() => ''));
  // The owner writes its pid just after it made the folder.
  if (!Number.isInteger(pid) || pid <= 0) return age > 2_000;
  return age > maxMs || !isAlive(pid);
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
