import { kernelDoors } from './kernelDoors.ts';
import type { Rung } from './rung.ts';
import type { ViewStep } from './view.ts';

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
  ...kernelDoors().flatMap((path) => ['--ro-bind', path, path]),
  ...request.view.flatMap(argumentsFor),
  // Last, since the steps had to make mount points in them.
  ...request.view.filter(({ kind }) => kind === 'hide').flatMap(({ path }) => ['--remount-ro', path]),
  ...['--chdir', request.cwd, '--'],
  ...request.argv,
];

const argumentsFor = ({ kind, path, from }: ViewStep): string[] => {
  if (kind === 'hide') return ['--tmpfs', path];
  return [kind === 'writable' ? '--bind' : '--ro-bind', from, path];
};
