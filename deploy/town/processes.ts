import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, as the system says it: compared, never parsed. */
  readonly mark: string;
}

/** The mark of a live process; undefined when there is none with this pid (a zombie is none). */
export const markOf = async (pid: number): Promise<ProcessMark | undefined> => {
  const mark = process.platform === 'linux' ? await linuxMark(pid) : await psMark(pid);
  return mark === undefined ? undefined : { pid, mark };
};

/** Whether the very process is alive, not another one that got its pid. */
export const isAlive = async (process: ProcessMark): Promise<boolean> =>
  (await markOf(process.pid))?.mark === process.mark;

/** Sends a signal to a process group, and says whether there was anybody to get it. */
export const signalGroup = (leader: number, signal: NodeJS.Signals): boolean => {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};

const linuxMark = async (pid: number): Promise<string | undefined> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return;
  // The second field is the command in parentheses and may hold anything, so count from the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || started === undefined) return;
  return `${bootId()}:${started}`;
};

let boot: string | undefined;
/** Start times count from the boot, so a mark needs to say which boot. */
const bootId = (): string => {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
  return boot;
};

const psMark = async (pid: number): Promise<string | undefined> => {
  const run = promisify(execFile);
  const found = await run('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { env: { LC_ALL: 'C' } }).catch(
    () => undefined,
  );
  const [, state, started] = found?.stdout.trim().match(/^(\S+)\s+(.+)$/) ?? [];
  return state === undefined || state.startsWith('Z') ? undefined : started;
};
