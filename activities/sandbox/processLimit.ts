import { access, constants, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findProgram } from './programs.ts';
import { signalQuietly } from './strays.ts';

/** Processes and threads that one run may have at a time: far above any build, far below what stops a machine. */
export const maxProcesses = 4096;

/** What bounds a fork bomb until the timeout ends it. */
export interface ProcessLimit {
  /** Put before the sandbox's own command. */
  readonly outside: readonly string[];
  /** Put before the command in the sandbox. */
  readonly inside: readonly string[];
  /** Whether it knows every process of the run, so that `close` ends them all. */
  readonly complete: boolean;
  /** Kills what is left of the run, and forgets it. */
  readonly close: () => Promise<void>;
}

/**
 * A control group where we may make one (root, mostly), else the user's process limit, which the kernel does not hold
 * against root. In a user namespace that limit counts the processes of the namespace alone.
 */
export const openProcessLimit = async (name: string): Promise<ProcessLimit> => {
  const group = await makeGroup(name);
  if (group !== undefined) {
    return {
      outside: ['sh', '-c', 'echo 0 > "$0" && exec "$@"', join(group, 'cgroup.procs')],
      inside: [],
      complete: true,
      close: () => closeGroup(group),
    };
  }
  const prlimit = process.getuid?.() === 0 ? undefined : await findProgram('prlimit');
  return {
    outside: [],
    inside: prlimit === undefined ? [] : [prlimit, `--nproc=${maxProcesses}`],
    complete: false,
    close: async () => undefined,
  };
};

/** Ends and removes the groups of workers that were killed (G5). */
export const sweepProcessLimits = async (isAlive: (pid: number) => boolean): Promise<void> => {
  parents ??= groupParent();
  const parent = await parents;
  if (parent === undefined) return;
  const names = await readdir(parent).catch(() => []);
  const dead = names.filter((name) => {
    const pid = /^gastown-(\d+)-/.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
  await Promise.all(dead.map((name) => closeGroup(join(parent, name))));
};

let parents: Promise<string | undefined> | undefined;

const makeGroup = async (name: string): Promise<string | undefined> => {
  parents ??= groupParent();
  const parent = await parents;
  if (parent === undefined) return;
  const group = join(parent, `gastown-${name}`);
  try {
    await mkdir(group);
    await writeFile(join(group, 'pids.max'), String(maxProcesses));
    return group;
  } catch {
    await rmdir(group).catch(() => undefined);
    return undefined;
  }
};

/** Where a group with a limit of processes can be made beside our own; version 1 and 2 of control groups. */
const groupParent = async (): Promise<string | undefined> => {
  const own = await readFile('/proc/self/cgroup', 'utf8').catch(() => '');
  const v1 = /^\d+:(?:[^:\n]*,)?pids(?:,[^:\n]*)?:(.*)$/m.exec(own)?.[1];
  const v2 = /^0::(.*)$/m.exec(own)?.[1];
  const candidates = [
    ...(v1 === undefined ? [] : [join('/sys/fs/cgroup/pids', v1)]),
    // A group with processes of its own cannot have children with limits: ours goes beside it.
    ...(v2 === undefined || v2 === '/' ? [] : [dirname(join('/sys/fs/cgroup', v2))]),
  ];
  for (const folder of candidates) {
    if (await limitsProcesses(folder)) return folder;
  }
  return undefined;
};

const limitsProcesses = async (folder: string): Promise<boolean> => {
  const probe = join(folder, `gastown-probe-${process.pid}`);
  try {
    await access(folder, constants.W_OK);
    await mkdir(probe);
    await access(join(probe, 'pids.max'), constants.W_OK);
    return true;
  } catch {
    return false;
  } finally {
    await rmdir(probe).catch(() => undefined);
  }
};

const closeGroup = async (group: string): Promise<void> => {
  // Killed processes leave the group a moment later, and only an empty one can be removed.
  for (let round = 0; round < 200; round += 1) {
    const left = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
    for (const pid of left.split('\n').filter(Boolean)) signalQuietly(Number(pid));
    const removed = await rmdir(group).then(
      () => true,
      () => false,
    );
    if (removed || (await readdir(group).catch(() => undefined)) === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
