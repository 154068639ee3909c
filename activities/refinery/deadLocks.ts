import { readdir, readFile, readlink, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a call waits for a lock that a living git may hold before it fails, ms. */
const patienceMs = 10_000;
/** Where processes cannot be looked at: no git of ours holds a ref or an index this long, ms. */
const certainlyDeadMs = 60_000;

/**
 * Runs a git call, and clears the lock files in its way that a SIGKILLed git left behind: git itself never does, so every later
 * landing would fail with "File exists". Safe to repeat, since a call that met a lock has done nothing.
 */
export const pastDeadLocks = async <T>(
  repo: string,
  signal: AbortSignal,
  call: () => Promise<T>,
): Promise<T> => {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const lock = lockIn(error, repo);
      if (lock === undefined || signal.aborted || Date.now() > giveUpAt) throw error;
      await waitOrClear(lock, repo, giveUpAt);
    }
  }
};

/** The lock that a failed git call named, if it is one of this repository: other people's are not ours to clear. */
const lockIn = (error: unknown, repo: string): string | undefined => {
  const text = error instanceof Error ? error.message : '';
  const path = /Unable to create '([^'\n]+\.lock)': File exists/.exec(text)?.[1];
  if (path === undefined) return;
  const lock = resolve(path);
  return lock.startsWith(resolve(repo) + sep) ? lock : undefined;
};

/**
 * A lock is dead when every git that was alive at its first sight has ended and it is still the same file: its maker
 * was one of them, or had died before. Those that start later cannot have made it.
 */
const waitOrClear = async (lock: string, repo: string, giveUpAt: number): Promise<void> => {
  const first = await seen(lock);
  if (first === undefined) return;
  const suspects = await gitsBelow(dirname(repo));
  while (Date.now() < giveUpAt) {
    if ((await seen(lock))?.id !== first.id) return;
    const alive =
      suspects === undefined
        ? Date.now() - first.madeAt < certainlyDeadMs
        : ((await gitsBelow(dirname(repo))) ?? []).some((one) => suspects.includes(one));
    if (!alive) return rm(lock, { force: true });
    await pause(25);
  }
};

const seen = async (lock: string): Promise<{ id: string; madeAt: number } | undefined> => {
  const found = await stat(lock).catch(() => undefined);
  return found && { id: `${found.ino} ${found.mtimeMs}`, madeAt: found.mtimeMs };
};

/** Git processes at work below a folder, each as pid and birth; undefined where the system does not show them. */
const gitsBelow = async (path: string): Promise<readonly string[] | undefined> => {
  const processes = await readdir('/proc').catch(() => undefined);
  if (processes === undefined) return;
  const folder = await realpath(path);
  const found: string[] = [];
  for (const pid of processes.filter((name) => /^\d+$/.test(name))) {
    const text = await readFile(join('/proc', pid, 'stat'), 'utf8').catch(() => '');
    if (!/^\d+ \(git/.test(text)) continue;
    const cwd = await readlink(join('/proc', pid, 'cwd')).catch(() => '');
    if (cwd === folder || cwd.startsWith(folder + sep)) found.push(`${pid} ${bornOf(text)}`);
  }
  return found;
};

/** When a process began, in ticks since the machine did, from its `/proc/<pid>/stat`; empty for an empty text. */
export const bornOf = (text: string): string =>
  // The second field is the name in brackets and may hold anything.
  text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
