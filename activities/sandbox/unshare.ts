import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { devices, type Fixtures } from './fixtures.ts';
import { kernelDoors } from './kernelDoors.ts';
import { isInside } from './paths.ts';
import { findProgram } from './programs.ts';
import type { Rung } from './rung.ts';
import { holdsMore, type ViewStep } from './view.ts';

/**
 * The command line that starts `argv` inside util-linux namespaces, with the view that bubblewrap would give: the
 * machine's tree mounted again under `folder`, read-only, changed step by step, and made the root. Mounting goes by an
 * fstab file (two at most), because one `mount` process for all mounts takes a tenth of the time of one for each.
 */
export const unshareCommand = async (
  rung: Rung,
  request: {
    readonly view: readonly ViewStep[];
    readonly cwd: string;
    readonly network: boolean;
    readonly argv: readonly string[];
    readonly shmMiB: number;
    readonly fixtures: Fixtures;
    /** A private folder for the files that the start needs. */
    readonly folder: string;
  },
): Promise<readonly string[]> => {
  const root = join(request.folder, 'root');
  // By their paths: what a folder of the person's PATH has under these names is nobody's business here.
  const [setpriv = 'setpriv', shell = 'sh'] = await Promise.all(['setpriv', 'sh'].map(findProgram));
  const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
  const late = request.view.filter(needsPlaceholder(request.view));
  const early = request.view.filter((step) => !late.includes(step));
  const last = [...fileEntries(root, late, mounts), ...closeHidden(root, request.view)];
  const first = [
    ...frame(root, request.view, mounts),
    ...deviceEntries(root, request.fixtures.dev, request.shmMiB),
    ...folderEntries(root, early, mounts, request.fixtures.empty),
    ...fileEntries(root, early, mounts),
    ...(late.length === 0 ? last : []),
  ];
  await Promise.all([
    mkdir(root),
    writeFile(join(request.folder, 'first'), lines(first)),
    writeFile(join(request.folder, 'last'), lines(last)),
    writeFile(join(request.folder, 'start'), startScript(root, request, late, setpriv)),
  ]);
  return [
    ...[setpriv, '--pdeathsig', 'KILL', rung.tool],
    ...(rung.userNamespace ? ['--user', '--map-root-user'] : []),
    ...(request.network ? [] : ['--net']),
    ...['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child'],
    ...[shell, join(request.folder, 'start')],
    ...request.argv,
  ];
};

interface Mount {
  readonly path: string;
  /** The options that a remount must repeat: the kernel refuses to drop them in a user namespace. */
  readonly flags: readonly string[];
}

const parseMounts = (mountinfo: string): Mount[] => {
  const byPath = new Map<string, Mount>();
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    const path = unescape(fields[4] ?? '');
    if (path === '') continue;
    const flags = (fields[5] ?? '').split(',').filter((flag) => lockedFlags.has(flag));
    byPath.set(path, { path, flags });
  }
  return [...byPath.values()];
};

const lockedFlags = new Set(['nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime']);
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
const escape = (text: string): string =>
  text.replace(/[\s\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`);

const entry = (source: string, target: string, type: string, options: string): string =>
  `${escape(source)} ${escape(target)} ${type} ${options} 0 0`;

/** The whole tree, read-only, and a /proc of its own. */
const frame = (root: string, view: readonly ViewStep[], mounts: readonly Mount[]): string[] => {
  const covers = [
    '/dev',
    '/proc',
    '/tmp',
    ...view.filter(({ kind }) => kind === 'hide').map(({ path }) => path),
  ];
  const seen = mounts.filter(({ path }) => !covers.some((cover) => isInside(path, cover)));
  return [
    entry('/', root, 'none', 'rbind'),
    ...seen.map((mount) => readOnlyAgain(root, mount)),
    entry('proc', `${root}/proc`, 'proc', 'nosuid,nodev,noexec'),
    ...kernelDoors().map((path) => entry(path, root + path, 'none', 'bind,ro')),
  ];
};

const readOnlyAgain = (root: string, { path, flags }: Mount): string =>
  entry('none', path === '/' ? root : root + path, 'none', ['remount', 'bind', 'ro', ...flags].join(','));

/** A small /dev: uid 0 owns the disks in the real one. */
const deviceEntries = (root: string, dev: string, shmMiB: number): string[] => [
  entry(dev, `${root}/dev`, 'none', 'bind,ro'),
  ...devices.map((name) => entry(`/dev/${name}`, `${root}/dev/${name}`, 'none', 'bind')),
  entry('tmpfs', `${root}/dev/shm`, 'tmpfs', `nosuid,nodev,mode=1777,size=${shmMiB}m`),
];

/** In the order of the view. The mount process makes the mount points, since the folder above was often just mounted. */
const folderEntries = (
  root: string,
  view: readonly ViewStep[],
  mounts: readonly Mount[],
  empty: string,
): string[] =>
  view
    .filter((step) => !isFile(step))
    .flatMap(({ kind, path, from, holds }) => {
      const target = root + path;
      if (kind === 'hide' && holds !== true)
        return [
          entry(empty, target, 'none', ['bind', 'ro', ...flagsAt(empty, mounts), 'X-mount.mkdir'].join(',')),
        ];
      if (kind === 'hide')
        return [entry('tmpfs', target, 'tmpfs', 'size=4m,mode=755,nosuid,nodev,X-mount.mkdir')];
      if (kind === 'writable') return [entry(from, target, 'none', 'rbind,X-mount.mkdir')];
      const below = mounts.filter((mount) => mount.path !== from && isInside(mount.path, from));
      return [
        entry(from, target, 'none', ['rbind', 'ro', ...flagsAt(from, mounts), 'X-mount.mkdir'].join(',')),
        ...below.map((mount) => readOnlyAgain(root, mount)),
      ];
    });

const fileEntries = (root: string, view: readonly ViewStep[], mounts: readonly Mount[]): string[] =>
  view
    .filter(isFile)
    .map(({ path, from }) =>
      entry(from, root + path, 'none', ['bind', 'ro', ...flagsAt(from, mounts)].join(',')),
    );

/** Last, when no more mount points are needed in them. */
const closeHidden = (root: string, view: readonly ViewStep[]): string[] =>
  view
    .filter(holdsMore)
    .map(({ path }) => entry('none', root + path, 'none', 'remount,bind,ro,nosuid,nodev'));

const isFile = ({ directory, kind }: ViewStep): boolean => !directory || kind === 'mask';

/** Single files below a hidden folder, and in no shown one: something must be there to mount on. */
const needsPlaceholder =
  (view: readonly ViewStep[]) =>
  (step: ViewStep): boolean => {
    if (!isFile(step)) return false;
    const above = view.filter(
      (other) => !isFile(other) && other.path !== step.path && isInside(step.path, other.path),
    );
    const nearest = above.at(-1);
    return nearest !== undefined && (nearest.kind === 'hide' || nearest.from !== nearest.path);
  };

const flagsAt = (path: string, mounts: readonly Mount[]): readonly string[] => {
  const above = mounts.filter((mount) => isInside(path, mount.path));
  return above.reduce((best, mount) => (mount.path.length > best.path.length ? mount : best), {
    path: '',
    flags: [] as readonly string[],
  }).flags;
};

const lines = (entries: readonly string[]): string => entries.map((line) => `${line}\n`).join('');

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Runs as process 1 of the new namespaces until the command takes its place. */
const startScript = (
  root: string,
  request: { readonly cwd: string; readonly network: boolean; readonly folder: string },
  late: readonly ViewStep[],
  setpriv: string,
): string =>
  lines([
    'set -e',
    'own=$PATH',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    // Meanwhile: on a second processor it costs nothing.
    ...(request.network ? [] : [`ip link set lo up 2>/dev/null & up=$!`]),
    `mount -n -c -a -T ${quote(join(request.folder, 'first'))}`,
    ...late
      .map(({ path }) => quote(root + path))
      .map((file) => `[ -e ${file} ] || { mkdir -p "$(dirname ${file})"; : > ${file}; }`),
    ...(late.length === 0 ? [] : [`mount -n -c -a -T ${quote(join(request.folder, 'last'))}`]),
    `cd ${quote(root)}`,
    'pivot_root . dev/.old',
    'umount -l /dev/.old',
    ...(request.network ? [] : [`wait $up || ${loopback}`]),
    `cd ${quote(request.cwd)}`,
    'PATH=$own',
    'unset OLDPWD own up',
    `exec ${quote(setpriv)} --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all "$@"`,
  ]);

/** A new network namespace has its loopback down, and servers in tests need it. */
const loopback = `ifconfig lo up 2>/dev/null || perl -e '${[
  'use Socket;',
  'socket(my $s, AF_INET, SOCK_DGRAM, 0) or die;',
  'my $r = pack("a16 s x22", "lo", 0x49);',
  'ioctl($s, 0x8914, $r) or die "the loopback stays down: $!";',
].join(' ')}'`;
