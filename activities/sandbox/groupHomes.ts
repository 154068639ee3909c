import { spawn } from 'node:child_process';
import { access, constants, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a control group can hold here: those of these controllers in which we may make groups. */
export type Controller = 'memory' | 'cpu' | 'pids';

/** A folder in which groups can be made, and what they can limit. */
export interface GroupHome {
  readonly version: 1 | 2;
  /** The group that this process is in. */
  readonly own: string;
  readonly parent: string;
  readonly controllers: readonly Controller[];
}

/** The controllers that a group can have on this machine. */
export const availableControllers = async (): Promise<readonly Controller[]> =>
  (await findHomes()).flatMap(({ controllers }) => controllers);

let homes: Promise<readonly GroupHome[]> | undefined;

/** Where this process may make groups; looked for once. Empty where it may nowhere. */
export const findHomes = (): Promise<readonly GroupHome[]> => {
  homes ??= lookForHomes();
  return homes;
};

const lookForHomes = async (): Promise<readonly GroupHome[]> => {
  const own = await readFile('/proc/self/cgroup', 'utf8').catch(() => '');
  const v2 = /^0::(.*)$/m.exec(own)?.[1];
  if (v2 !== undefined) {
    // A group with processes of its own cannot have children with limits: ours goes beside it. Only the first may.
    const group = join('/sys/fs/cgroup', v2);
    const parent = v2 === '/' ? group : dirname(group);
    const controllers = await controllersIn(2, parent, ['memory', 'cpu', 'pids']);
    if (controllers.length > 0) return [{ version: 2, own: group, parent, controllers }];
  }
  const found: GroupHome[] = [];
  for (const controller of ['memory', 'cpu', 'pids'] as const) {
    const path = new RegExp(`^\\d+:(?:[^:\\n]*,)?${controller}(?:,[^:\\n]*)?:(.*)$`, 'm').exec(own)?.[1];
    if (path === undefined) continue;
    // Below our own, so that what holds for us holds for it.
    const parent = join('/sys/fs/cgroup', controller, path);
    if ((await controllersIn(1, parent, [controller])).length === 0) continue;
    found.push({ version: 1, own: parent, parent, controllers: [controller] });
  }
  return found;
};

const limitFile = (version: 1 | 2, controller: Controller): string => {
  if (controller === 'pids') return 'pids.max';
  if (version === 2) return `${controller}.max`;
  return controller === 'memory' ? 'memory.limit_in_bytes' : 'cpu.cfs_quota_us';
};

const controllersIn = async (
  version: 1 | 2,
  parent: string,
  wanted: readonly Controller[],
): Promise<readonly Controller[]> => {
  const probe = join(parent, `gastown-probe-${process.pid}`);
  try {
    await access(join(parent, 'cgroup.procs'), constants.W_OK);
    await mkdir(probe);
    const usable = await Promise.all(
      wanted.map((controller) =>
        access(join(probe, limitFile(version, controller)), constants.W_OK).then(
          () => true,
          () => false,
        ),
      ),
    );
    return (await admits(probe)) ? wanted.filter((_, index) => usable[index]) : [];
  } catch {
    return [];
  } finally {
    await rmdir(probe).catch(() => undefined);
  }
};

/** Whether a process of ours can be moved there: rights to make a group are not yet those to fill it. */
const admits = async (group: string): Promise<boolean> => {
  const child = spawn('sleep', ['10'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  try {
    await writeFile(join(group, 'cgroup.procs'), String(child.pid));
    return child.pid !== undefined;
  } catch {
    return false;
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
};
