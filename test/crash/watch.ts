import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Looks until `look` finds something, and gives it; undefined when the signal aborts first. For facts that no event tells. */
export const until = async <T>(
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> => {
  while (!signal.aborted) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return undefined;
};

/** The pid of a gate that runs in a folder or below it. */
export const gateIn = async (folder: string): Promise<number | undefined> => {
  for (const pid of await processIds()) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.startsWith('sh\0check.sh')) continue;
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (cwd.startsWith(folder)) return pid;
  }
  return undefined;
};

/** The pids of gits at work below a folder, those included that read a repository there from elsewhere. */
export const gitsIn = async (folder: string): Promise<readonly number[]> => {
  const found = await Promise.all(
    (await processIds()).map(async (pid) => {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      if (!name.startsWith('git')) return;
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return cwd.startsWith(folder) || command.includes(`--git-dir=${folder}`) ? pid : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
};

/** The pids of the processes that start the gits of workers. */
export const spawnersOf = async (workers: readonly number[]): Promise<readonly number[]> => {
  const found = await Promise.all(
    (await processIds()).map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      if (!workers.includes(Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]))) return;
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return command.includes('spawnerProcess') ? pid : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
};

/** Counts different values of a ref file, the first one included, and tells when there were so many. */
export const movedTimes = (repo: string, ref: string, times: number): (() => Promise<true | undefined>) => {
  const seen = new Set<string>();
  return async () => {
    const tip = await readFile(join(repo, ref), 'utf8').catch(() => '');
    if (tip !== '') seen.add(tip);
    return seen.size > times ? true : undefined;
  };
};

/** How many greens the Refinery has on record. */
export const greensIn = async (folder: string): Promise<number> =>
  (await readdir(folder, { recursive: true }).catch(() => [])).filter((name) => /\/[0-9a-f]{40}$/.test(name))
    .length;

const processIds = async (): Promise<readonly number[]> =>
  (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
