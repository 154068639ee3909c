import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetLimit, SandboxLimits } from '../../workflows/domain/sandbox/sandboxLimits.ts';
import { type Controller, findHomes } from './groupHomes.ts';
import { signalQuietly } from './strays.ts';

/** One run's control group: of version 2 one folder, of version 1 one for each controller. */
export interface ControlGroup {
  readonly controllers: readonly Controller[];
  /** Moves a process in; what it starts from then on is inside. */
  readonly admit: (pid: number) => Promise<void>;
  /** Which limits the run has met so far. */
  readonly met: () => Promise<readonly MetLimit[]>;
  /** Kills what is left of the run, and forgets it. */
  readonly close: () => Promise<void>;
}

/** Makes a group with the limits that can be held here; undefined where there is no place for one. */
export const makeControlGroup = async (
  name: string,
  limits: SandboxLimits,
): Promise<ControlGroup | undefined> => {
  // A group costs a millisecond, so none is made that would limit nothing.
  const homes = (await findHomes()).filter(
    ({ controllers }) => limits.cpus !== undefined || controllers.some((controller) => controller !== 'cpu'),
  );
  if (homes.length === 0) return undefined;
  const groups = homes.map((home) => ({ ...home, folder: join(home.parent, `gastown-${name}`) }));
  try {
    await Promise.all(
      groups.map(async ({ folder, version, controllers }) => {
        await mkdir(folder);
        for (const [file, value] of settings(version, controllers, limits)) {
          // Swap limits and the like are missing in some kernels; the limits themselves were looked for before.
          await writeFile(join(folder, file), value).catch(() => undefined);
        }
      }),
    );
  } catch {
    await Promise.all(groups.map(({ folder }) => rmdir(folder).catch(() => undefined)));
    return undefined;
  }
  const folders = groups.map(({ folder }) => folder);
  return {
    controllers: groups.flatMap(({ controllers }) => controllers),
    async admit(pid) {
      for (const folder of folders) await writeFile(join(folder, 'cgroup.procs'), String(pid));
    },
    met: async () => (await Promise.all(groups.map(({ folder }) => metIn(folder)))).flat(),
    close: async () => {
      await Promise.all(folders.map(closeGroup));
    },
  };
};

/**
 * Makes the next move between groups a quick one. The first after a pause waits until all processors have passed a quiet
 * state, 10 ms and more; here that happens beside the start of a sandbox, by a move of this process to where it is.
 */
export const expectMoves = async (): Promise<void> => {
  const home = (await findHomes()).at(-1);
  if (home === undefined) return;
  await writeFile(join(home.own, 'cgroup.procs'), String(process.pid)).catch(() => undefined);
};

/** Ends and removes the groups of workers that were killed (G5). */
export const sweepControlGroups = async (isAlive: (pid: number) => boolean): Promise<void> => {
  for (const { parent } of await findHomes()) {
    const names = await readdir(parent).catch(() => []);
    const dead = names.filter((name) => {
      const pid = /^gastown-(\d+)-/.exec(name)?.[1];
      return pid !== undefined && !isAlive(Number(pid));
    });
    await Promise.all(dead.map((name) => closeGroup(join(parent, name))));
  }
};

const cpuPeriodUs = 100_000;

const settings = (
  version: 1 | 2,
  controllers: readonly Controller[],
  { memoryMiB, cpus, processes }: SandboxLimits,
): readonly (readonly [string, string])[] => {
  const bytes = String((memoryMiB ?? 0) * 2 ** 20);
  const quota = cpus === undefined ? undefined : String(Math.round(cpus * cpuPeriodUs));
  return controllers.flatMap((controller): readonly (readonly [string, string])[] => {
    if (controller === 'pids') return [['pids.max', String(processes)]];
    if (controller === 'cpu') {
      if (quota === undefined) return [];
      return version === 2
        ? [['cpu.max', `${quota} ${cpuPeriodUs}`]]
        : [
            ['cpu.cfs_period_us', String(cpuPeriodUs)],
            ['cpu.cfs_quota_us', quota],
          ];
    }
    if (memoryMiB === undefined) return [];
    // Without swap, or the limit is one of patience only; and all of the run goes, not the one process that was largest.
    return version === 2
      ? [
          ['memory.max', bytes],
          ['memory.swap.max', '0'],
          ['memory.oom.group', '1'],
        ]
      : [
          ['memory.limit_in_bytes', bytes],
          ['memory.memsw.limit_in_bytes', bytes],
        ];
  });
};

/** What the kernel counted: kills for want of memory, forks that it refused. */
const metIn = async (folder: string): Promise<readonly MetLimit[]> => {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8').catch(() => '');
  const [events, control, pids] = await Promise.all([
    read('memory.events'),
    read('memory.oom_control'),
    read('pids.events'),
  ]);
  const killed = /^oom_kill [1-9]/m.test(events) || /^oom_kill [1-9]/m.test(control);
  return [
    ...(killed ? (['memory'] as const) : []),
    ...(/^max [1-9]/m.test(pids) ? (['processes'] as const) : []),
  ];
};

const closeGroup = async (group: string): Promise<void> => {
  // Killed processes leave the group a moment later, and only an empty one can be removed.
  for (let round = 0; round < 200; round += 1) {
    const removed = await rmdir(group).then(
      () => true,
      () => false,
    );
    if (removed || (await readdir(group).catch(() => undefined)) === undefined) return;
    const left = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '');
    for (const pid of left.split('\n').filter(Boolean)) signalQuietly(Number(pid));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
