import { setTimeout as sleep } from 'node:timers/promises';
import { killTree } from './descendants.ts';
import { isAlive, signalGroup } from './processes.ts';
import type { TownRecord } from './record.ts';

/**
 * Ends what a supervisor that was killed left behind, by what it wrote in `town.json`. Only under the town's lock:
 * then no supervisor is alive, and these processes serve nobody. Each is known by pid and start time, so a stranger
 * with a pid of ours is left alone. Returns the pids that had to be ended.
 */
export const endLeftovers = async (record: TownRecord, graceMs: number): Promise<readonly number[]> => {
  const found = [];
  for (const process of record.pids) {
    if (process.role !== 'supervisor' && (await isAlive(process))) found.push(process);
  }
  // Workers before the server, as in an orderly close: a drain without a server takes all of its grace.
  for (const server of [false, true]) {
    const group = found.filter((process) => (process.role === 'server') === server);
    await Promise.all(group.map((process) => end(process, graceMs)));
  }
  return found.map((process) => process.pid);
};

const end = async (process: TownRecord['pids'][number], graceMs: number): Promise<void> => {
  const until = Date.now() + graceMs;
  signalOne(process.pid);
  // It is not our child, so the system tells us nothing of its end: look.
  while (Date.now() < until && (await isAlive(process))) await sleep(50);
  if (!(await isAlive(process))) return;
  killTree(process.pid);
  signalGroup(process.pid, 'SIGKILL');
};

const signalOne = (pid: number): void => {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // Gone between the look and the signal.
  }
};
