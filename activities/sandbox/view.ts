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
}

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
    stepsFor('hide', request.hidden),
    stepsFor('writable', request.writable),
    stepsFor('readOnly', [...request.readOnly, ...(request.network ? resolvers : [])]),
  ]);
  const covers = [...machine, ...hidden].filter(({ kind }) => kind === 'hide');
  // A clone of the town, and so its Node, may well be somewhere below /tmp, which is another folder in there.
  const covered = (path: string): boolean =>
    covers.some((cover) => isInside(path, cover.path)) || (isInside(path, '/tmp') && path !== '/tmp');
  const [roots, gitFiles, secrets] = await Promise.all([
    stepsFor('readOnly', request.toolchains.roots.filter(covered)),
    stepsFor(
      'readOnly',
      writable.map(({ path }) => join(path, '.git')),
    ),
    stepsFor('mask', request.toolchains.secrets),
  ]);
  const shown = [...roots, ...asked, ...writable];
  const isShown = new Set(shown.map(({ path }) => path));
  const tmp: ViewStep = { kind: 'writable', path: '/tmp', from: request.tmp, directory: true };
  const steps = [...machine, ...hidden].filter(({ path, kind }) => kind !== 'hide' || !isShown.has(path));
  return [tmp, ...steps, ...shown, ...gitFiles, ...secrets].sort(
    (a, b) => depthOf(a.path) - depthOf(b.path) || order[a.kind] - order[b.kind],
  );
};

const order = { hide: 0, readOnly: 1, writable: 2, mask: 3 } as const;

/** Below `/run`, which is hidden; names are looked up with these. */
const resolvers = ['/run/systemd/resolve', '/run/resolvconf'];

const privateFolders = [
  ...['/root', '/home', '/run', '/var/tmp', '/mnt', '/media', '/var/log', '/var/spool', '/var/backups'],
  ...['/etc/ssh', '/etc/ssl/private', '/etc/sudoers.d', '/lost+found'],
];
const privateFiles = ['/etc/shadow', '/etc/gshadow', '/etc/shadow-', '/etc/gshadow-', '/etc/sudoers'];

let machine: { readonly at: number; readonly steps: Promise<readonly ViewStep[]> } | undefined;

/** What is the same for every run; looked up again now and then, since a look takes as long as starting a process. */
const machineSteps = (): Promise<readonly ViewStep[]> => {
  const now = performance.now();
  if (machine === undefined || now - machine.at > 10_000) {
    const homes = [homedir(), userInfo().homedir];
    const steps = Promise.all([
      stepsFor('hide', [...homes, ...privateFolders]),
      stepsFor('mask', privateFiles),
    ]).then(([folders, files]) => [...folders, ...files]);
    machine = { at: now, steps };
  }
  return machine.steps;
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
    const directory = (await lstat(path)).isDirectory();
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
