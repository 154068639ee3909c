import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Ended, endOfGit } from './child.ts';
import { keepsAlive } from './keepsAlive.ts';
import type { GitOptions } from './run.ts';

/** One git to be run, or to be ended. */
export type Order =
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly args: readonly string[];
      readonly options: Omit<GitOptions, 'signal'>;
    }
  | { readonly kind: 'end'; readonly id: number };

export interface Report {
  readonly id: number;
  readonly ended: Ended;
}

interface Spawner {
  readonly child: ChildProcess;
  readonly waiting: Map<number, (ended: Ended) => void>;
}

let isUsed = false;
let current: Spawner | undefined;
let orders = 0;

/**
 * From now on gits are started by a small process of their own. A fork copies the page tables of whoever forks: of a worker with
 * 300 MB that takes 15 ms in which nothing else happens there, of a small one 1 ms (measured on 2 cores, 200 `git --version` each).
 */
export const spawnApart = (): void => {
  isUsed = true;
  current ??= startSpawner();
};

/** One git process, to its end, wherever gits are started; never throws. */
export const runGit = (args: readonly string[], options: GitOptions): Promise<Ended> => {
  if (!isUsed) return endOfGit(args, options);
  // One that has died, by whatever, is replaced.
  current ??= startSpawner();
  return runBy(current, args, options);
};

const runBy = (
  spawner: Spawner,
  args: readonly string[],
  { signal, ...options }: GitOptions,
): Promise<Ended> => {
  const id = ++orders;
  const { child, waiting } = spawner;
  const end = (): void => send(spawner, { kind: 'end', id });
  return new Promise<Ended>((resolve) => {
    waiting.set(id, resolve);
    if (waiting.size === 1) hold(child, true);
    send(spawner, { kind: 'run', id, args, options });
    signal?.addEventListener('abort', end, { once: true });
    // One that came before there was anything to end.
    if (signal?.aborted === true) end();
  }).finally(() => {
    signal?.removeEventListener('abort', end);
    if (waiting.size === 0) hold(child, false);
  });
};

const send = ({ child }: Spawner, order: Order): void => {
  // A failure shows as the end of the process, and that settles what waits.
  if (child.connected) child.send(order, () => {});
};

const startSpawner = (): Spawner => {
  const child = fork(fileURLToPath(new URL('./spawnerProcess.ts', import.meta.url)), [], {
    serialization: 'advanced',
    // Of the worker's own flags what an older Node needs to run this code, and as little memory as will do.
    execArgv: [
      ...process.execArgv.filter((flag) => flag.startsWith('--experimental-')),
      '--max-semi-space-size=1',
    ],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const spawner: Spawner = { child, waiting: new Map() };
  const gone = (why: string): void => {
    if (current === spawner) current = undefined;
    for (const settle of spawner.waiting.values())
      settle({ stdout: Buffer.alloc(0), stderr: '', exitCode: null, error: why });
    spawner.waiting.clear();
  };
  child.on('message', ({ id, ended }: Report) => {
    const settle = spawner.waiting.get(id);
    spawner.waiting.delete(id);
    settle?.(ended);
  });
  child.once('error', (cause) => gone(`the process that starts gits failed: ${cause.message}`));
  child.once('exit', (code, signal) => gone(`the process that starts gits ended: ${signal ?? code}`));
  hold(child, false);
  return spawner;
};

/** An idle one must not keep its worker from its end. */
const hold = (child: ChildProcess, keeps: boolean): void => keepsAlive([child, child.channel], keeps);
