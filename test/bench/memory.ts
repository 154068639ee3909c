import { readFileSync } from 'node:fs';

/** Samples the resident memory of processes and of those that start their gits; `stop` gives the highest sum seen, MiB. Linux only (0 elsewhere). */
export const watchMemory = (pids: readonly number[]): { stop(): number } => {
  let peak = 0;
  const sample = (): void => {
    peak = Math.max(
      peak,
      pids.flatMap((pid) => [pid, ...spawnersOf(pid)]).reduce((sum, pid) => sum + residentMiB(pid), 0),
    );
  };
  const timer = setInterval(sample, 200);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return Math.round(peak);
    },
  };
};

const spawnersOf = (pid: number): readonly number[] => {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    return children.filter((child) =>
      readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('spawnerProcess'),
    );
  } catch {
    return [];
  }
};

const residentMiB = (pid: number): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
};
