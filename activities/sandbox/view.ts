import { constants } from 'node:fs';
import { access, lstat, readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { depthOf, isInside, realPath } from './paths.ts';
import type { Toolchains } from './toolchains.ts';

/** One change to what a command sees. Everything else of the machine is there, read-only. */
export interface ViewStep {
  /** `hide` puts an empty folder over it, `mask` an empty file; the others show `from` there. */
  readonly kind: 'hide' | 'mask' | 'readOnly' | 'writable';
  readonly path: string;
  readonly from: string;
  readonly directory: boolean;
  /** Of a hidden folder, whether something is shown in it again: then it needs room for mount points. */
  readonly holds?: boolean;
}

/** Whether a step is a hidden folder with something in it. */
export const holdsMore = ({ kind, holds }: ViewStep): boolean => kind === 'hide' && holds === true;

export interface ViewRequest {
  readonly writable: readonly string[];
  readonly readOnly: readonly string[];
  readonly hidden: readonly string[];
  /** Becomes `/tmp`. */
  readonly tmp: string;
  readonly toolchains: Toolchains;
  readonly network: boolean;
}

/**
 * What a command sees, outermost folder first, so that what is said of a folder holds against what is said of those
 * above it. Hidden are every home (keys, tokens, configuration), sockets, other people's temporary files, the machine's
 * own secrets, and what the caller names. The `.git` of a writable tree is read-only: whoever can rewrite it decides
 * which configuration, and so which programs, the next git command outside the sandbox obeys (G9).
 */
export const viewFor = async (request: ViewRequest): Promise<readonly ViewStep[]> => {
  const [machine, hidden, writable, asked] = await Promise.all([
    machineSteps(),
    lately(`hide ${request.hidden.join('\0')}`, () => stepsFor('hide', request.hidden)),
    stepsFor('writable', request.writable),
    stepsFor('readOnly', [...request.readOnly, ...(request.network ? resolvers : [])]),
  ]);
  const covers = [...machine, ...hidden].filter(({ kind }) => kind === 'hide');
  // A clone of the town, and so its Node, may well be somewhere below /tmp, which is another folder in there.
  const covered = (path: string): boolean =>
    covers.some((cover) => isInside(path, cover.path)) || (isInside(path, '/tmp') && path !== '/tmp');
  const isVisible = (path: string): boolean =>
    (!covered(path) || asked.some((step) => isInside(path, step.path))) &&
    // What listens in the tree is of the tree, and comes and goes.
    !writable.some((step) => isInside(path, step.path));
  const tools = request.toolchains.roots.filter(covered);
  const [roots, gitFiles, secrets, sockets] = await Promise.all([
    lately(`show ${tools.join('\0')}`, () => stepsFor('readOnly', tools)),
    stepsFor(
      'readOnly',
      writable.map(({ path }) => join(path, '.git')),
    ),
    lately(`mask ${request.toolchains.secrets.join('\0')}`, () =>
      stepsFor('mask', request.toolchains.secrets),
    ),
    socketSteps(isVisible),
  ]);
  const shown = [...roots, ...asked, ...writable];
  const isShown = new Set(shown.map(({ path }) => path));
  const tmp: ViewStep = { kind: 'writable', path: '/tmp', from: request.tmp, directory: true };
  const steps = [...machine, ...hidden].filter(({ path, kind }) => kind !== 'hide' || !isShown.has(path));
  const all = [tmp, ...steps, ...shown, ...gitFiles, ...secrets, ...sockets].sort(
    (a, b) => depthOf(a.path) - depthOf(b.path) || order[a.kind] - order[b.kind],
  );
  return all.map((step) =>
    step.kind === 'hide'
      ? { ...step, holds: all.some(({ path }) => path !== step.path && isInside(path, step.path)) }
      : step,
  );
};

const order = { hide: 0, readOnly: 1, writable: 2, mask: 3 } as const;

/**
 * Covers the sockets of the machine's services that are in visible folders: a read-only file system keeps nobody from
 * connecting to one, and a database or a daemon of containers does what it is told. Names are those of whoever opened
 * them, maybe in a container, so each is looked at.
 */
const socketSteps = async (isVisible: (path: string) => boolean): Promise<readonly ViewStep[]> => {
  const text = await readFile('/proc/net/unix', 'utf8').catch(() => '');
  const paths = text
    .split('\n')
    .map((line) => /^\S+ \S+ \S+ \S+ \S+ \S+ +\d+ (\/.*)$/.exec(line)?.[1] ?? '')
    .filter((path) => path !== '' && isMachines(path) && isVisible(path));
  const steps = await Promise.all(
    [...new Set(paths)].slice(0, 200).map(async (given): Promise<ViewStep | undefined> => {
      const path = await realPath(given);
      if (path === undefined || !isMachines(path) || !isVisible(path)) return;
      const isSocket = await lstat(path).then(
        (stat) => stat.isSocket(),
        () => false,
      );
      return isSocket ? { kind: 'mask', path, from: '/dev/null', directory: false } : undefined;
    }),
  );
  return steps.filter((step) => step !== undefined);
};

/** These are other folders in there. */
const isMachines = (path: string): boolean => !/^\/(?:proc|sys|dev)\//.test(path);

/** Below `/run`, which is hidden; names are looked up with these. */
const resolvers = ['/run/systemd/resolve', '/run/resolvconf'];

const privateFolders = [
  ...['/root', '/home', '/run', '/var/tmp', '/mnt', '/media', '/var/log', '/var/spool', '/var/backups'],
  ...['/etc/ssh', '/etc/ssl/private', '/etc/sudoers.d', '/lost+found'],
];
const privateFiles = ['/etc/shadow', '/etc/gshadow', '/etc/shadow-', '/etc/gshadow-', '/etc/sudoers'];

/** What is the same for every run. */
const machineSteps = (): Promise<readonly ViewStep[]> => {
  const homes = [homedir(), userInfo().homedir];
  return lately('machine', async () => [
    ...(await stepsFor('hide', [...homes, ...privateFolders])),
    ...(await stepsFor('mask', privateFiles)),
  ]);
};

const looks = new Map<string, { readonly at: number; readonly steps: Promise<readonly ViewStep[]> }>();

/** Looked at again now and then, since a look takes as long as starting a process. Not for what a command may change. */
const lately = (key: string, look: () => Promise<readonly ViewStep[]>): Promise<readonly ViewStep[]> => {
  const now = performance.now();
  const known = looks.get(key);
  if (known !== undefined && now - known.at < 10_000) return known.steps;
  // Few keys live at a time: those of the rigs at work.
  if (looks.size > 100) looks.clear();
  const steps = look();
  looks.set(key, { at: now, steps });
  return steps;
};

/** Steps for the real paths of those that exist and that this user can look into: the others need none. */
const stepsFor = async (kind: ViewStep['kind'], paths: readonly string[]): Promise<ViewStep[]> => {
  const steps = await Promise.all([...new Set(paths)].map((path) => stepFor(kind, path)));
  const found = steps.filter((step) => step !== undefined).filter(({ path }) => path !== '/');
  return [...new Map(found.map((step) => [step.path, step])).values()];
};

const stepFor = async (kind: ViewStep['kind'], given: string): Promise<ViewStep | undefined> => {
  const path = await realPath(given);
  if (path === undefined) return;
  try {
    const stat = await lstat(path);
    const directory = stat.isDirectory();
    // Whoever may pass through a folder reaches what it can name in there, listing or not.
    await access(path, directory ? constants.X_OK : constants.R_OK);
    if (kind === 'hide' && !directory) return { kind: 'mask', path, from: '/dev/null', directory };
    return { kind, path, from: kind === 'mask' ? '/dev/null' : path, directory };
  } catch {
    return undefined;
  }
};

/** Object stores that a repository borrows from; git needs them to read anything. */
export const alternatesOf = async (repository: string): Promise<string[]> => {
  try {
    const text = await readFile(join(repository, 'objects', 'info', 'alternates'), 'utf8');
    return text.split('\n').filter((line) => line.startsWith('/'));
  } catch {
    return [];
  }
};
