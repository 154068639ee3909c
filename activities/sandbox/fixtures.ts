import { access, mkdir, realpath, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree, runName } from './scratch.ts';

/** What all runs of this process show in their sandboxes and none can change. */
export interface Fixtures {
  /** An empty folder, in place of hidden ones. */
  readonly empty: string;
  /** A `/dev` with nothing but places for the devices. */
  readonly dev: string;
}

/** Devices that a command may have: uid 0 owns the disks among the others. */
export const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'];

const made = new Map<string, Promise<Fixtures>>();

/** Makes them below `parent`, once: it takes as long as starting a process. They go with this process (G5). */
export const openFixtures = async (parent: string): Promise<Fixtures> => {
  const known = await made.get(parent)?.catch(() => undefined);
  if (known !== undefined && (await isThere(known.dev))) return known;
  const making = make(parent);
  made.set(parent, making);
  return making;
};

const make = async (parent: string): Promise<Fixtures> => {
  await mkdir(parent, { recursive: true });
  const folder = join(await realpath(parent), `${process.pid}-fixtures`);
  const draft = join(await realpath(parent), runName());
  const dev = join(draft, 'dev');
  await mkdir(dev, { recursive: true });
  await Promise.all([
    mkdir(join(draft, 'empty'), { mode: 0o555 }),
    ...devices.map((name) => writeFile(join(dev, name), '')),
    ...['shm', '.old'].map((name) => mkdir(join(dev, name))),
    symlink('/proc/self/fd', join(dev, 'fd')),
    ...['stdin', 'stdout', 'stderr'].map((name, index) => symlink(`/proc/self/fd/${index}`, join(dev, name))),
  ]);
  // Whole or not at all; another run of this process may have been quicker, with the same.
  await rename(draft, folder).catch(() => removeTree(draft));
  return { empty: join(folder, 'empty'), dev: join(folder, 'dev') };
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
