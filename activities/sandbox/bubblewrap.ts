import type { Fixtures } from './fixtures.ts';
import { kernelDoors } from './kernelDoors.ts';
import type { Rung } from './rung.ts';
import { holdsMore, type ViewStep } from './view.ts';

/**
 * The command line that starts `argv` inside bubblewrap. `argv` is process 1 of its own process namespace: when it ends,
 * bubblewrap reports the end only after the kernel has killed everything else in there.
 */
export const bubblewrapCommand = (
  rung: Rung,
  request: {
    readonly view: readonly ViewStep[];
    readonly cwd: string;
    readonly network: boolean;
    readonly argv: readonly string[];
    readonly shmMiB: number;
    readonly fixtures: Fixtures;
  },
): readonly string[] => [
  rung.tool,
  '--unshare-all',
  ...(request.network ? ['--share-net'] : []),
  '--die-with-parent',
  '--new-session',
  '--as-pid-1',
  ...['--cap-drop', 'ALL'],
  ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
  // All of /dev is in memory: the part for everybody has its size, and the rest is closed.
  ...[
    '--size',
    String(request.shmMiB * 2 ** 20),
    '--perms',
    '1777',
    '--tmpfs',
    '/dev/shm',
    '--remount-ro',
    '/dev',
  ],
  ...kernelDoors().flatMap((path) => ['--ro-bind', path, path]),
  ...request.view.flatMap((step) => argumentsFor(step, request.fixtures.empty)),
  // Last, since the steps had to make mount points in them.
  ...request.view.filter(holdsMore).flatMap(({ path }) => ['--remount-ro', path]),
  ...['--chdir', request.cwd, '--'],
  ...request.argv,
];

const argumentsFor = ({ kind, path, from, holds }: ViewStep, empty: string): string[] => {
  if (kind === 'hide') return holds ? ['--tmpfs', path] : ['--ro-bind', empty, path];
  return [kind === 'writable' ? '--bind' : '--ro-bind', from, path];
};
