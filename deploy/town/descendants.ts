import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Kills a process and everything below it, whatever groups and sessions they are in. Needs the tree to be whole. */
export const killTree = (root: number): void => {
  // Stopped first: a process that goes on while we look can start one that we do not see.
  signal(root, 'SIGSTOP');
  const family = [root, ...descendantsOf(root)];
  for (const pid of family) signal(pid, 'SIGKILL');
};

/** Every process below one, whatever groups and sessions they are in. */
export const descendantsOf = (root: number): readonly number[] => {
  const children = Map.groupBy(everyProcess(), ({ parent }) => parent);
  const found: number[] = [];
  for (let queue = [root]; queue.length > 0; ) {
    queue = queue.flatMap((pid) => (children.get(pid) ?? []).map((child) => child.pid));
    found.push(...queue);
  }
  return found;
};

const everyProcess = (): readonly { readonly pid: number; readonly parent: number }[] =>
  process.platform === 'linux' ? fromProc() : fromPs();

const fromProc = (): readonly { readonly pid: number; readonly parent: number }[] =>
  readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
    } catch {
      return []; // ended while we looked
    }
  });

const fromPs = (): readonly { readonly pid: number; readonly parent: number }[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0]) => ({ pid, parent }));

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already.
  }
};
