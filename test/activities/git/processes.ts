import { readdir, readFile } from 'node:fs/promises';

/** Pids of living processes whose command line names a text, e.g. the folder of a repository; not this one. */
export const processesWith = async (text: string): Promise<readonly number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) =>
      (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(text) ? [Number(pid)] : [],
    ),
  );
  return found.flat();
};

/** Whether a process runs: one that has ended and that nobody has waited for is none. */
export const isRunning = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
};

/** Those of them that a process has started. */
export const childrenWith = async (text: string, parent = process.pid): Promise<readonly number[]> => {
  const all = await processesWith(text);
  const parents = await Promise.all(
    all.map((pid) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')),
  );
  return all.filter((_, at) => parents[at]?.includes(`\nPPid:\t${parent}\n`));
};
