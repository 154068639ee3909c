import { readdir, readFile } from 'node:fs/promises';

/**
 * Kills the processes whose environment names a run's private folder. Without a process namespace this is the only trace
 * of a daemon that left its process group. Linux only; best effort, since a process can wipe its environment.
 */
export const killMarked = async (folder: string): Promise<void> => {
  // A process may fork while we look, so look again until none is left.
  for (let round = 0; round < 20; round += 1) {
    const pids = await markedBy(folder);
    if (pids.length === 0) return;
    for (const pid of pids) signalQuietly(pid);
  }
};

/** The same, found and left alone. */
export const markedBy = async (folder: string): Promise<number[]> => {
  const names = await readdir('/proc').catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map(async (name) => {
        const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
        return environment.includes(`HOME=${folder}/`) ? Number(name) : undefined;
      }),
  );
  return found.filter((pid) => pid !== undefined);
};

/** SIGKILL to a process, or to a group when negative; nothing when it is gone. */
export const signalQuietly = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};

/**
 * Kills the sandbox from outside. Process 1 of its namespace is a child of the tool, and with it the kernel ends
 * everything inside; the tool may be gone before that, so we see process 1 end.
 */
export const killTree = async (pid: number | undefined, namespace: boolean): Promise<void> => {
  if (pid === undefined) return;
  const first = namespace ? await childrenOf(pid) : [];
  for (const child of first) signalQuietly(child);
  signalQuietly(-pid);
  for (let round = 0; round < 400; round += 1) {
    const left = await Promise.all(first.map(isRunning));
    if (!left.includes(true)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** Direct children of a process, as the kernel tells them (empty where it does not). */
export const childrenOf = async (pid: number): Promise<number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
};

/** Whether a process still runs; one that nobody has waited for yet (a zombie) does not. */
const isRunning = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  return state !== '' && state !== 'Z' && state !== 'X';
};
