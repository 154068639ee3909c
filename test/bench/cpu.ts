import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Linux counts a process's time in hundredths of a second, whatever the kernel's own clock. */
const ticksPerSecond = 100;

/** What processes use of one core, per cent, over the next `ms`. Linux only. */
export const cpuShare = async (pids: readonly number[], ms: number): Promise<number> => {
  const before = ticksOf(pids);
  const began = performance.now();
  await sleep(ms);
  const seconds = (performance.now() - began) / 1_000;
  return ((ticksOf(pids) - before) / ticksPerSecond / seconds) * 100;
};

const ticksOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything, so count from the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
