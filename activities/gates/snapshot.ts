import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { RigSettings } from '../../workflows/domain/rig.ts';
import { resolveObject } from '../git/objects.ts';
import { git, gitLine } from '../git/run.ts';
import { makeSparse, sparseFlags } from '../git/sparse.ts';
import { removeWorktree } from '../git/worktree.ts';
import type { Home } from '../home.ts';
import type { SandboxResult } from '../sandbox/index.ts';
import { isInside, realPath } from '../sandbox/paths.ts';
import { isHeld, withLock } from './lock.ts';
import type { TreeState } from './tree.ts';

/** Caches as set-up made them, and whose fault it would be if set-up failed. */
export interface SnapshotKey {
  readonly name: string;
  /** Commit that set-up runs on. */
  readonly commit: string;
  /** Whether that commit is on the target: its set-up must work. */
  readonly landed: boolean;
}

export interface SnapshotPlace {
  readonly home: Home;
  readonly rig: RigSettings;
  readonly dir: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Names the caches that fit a tree, by the set-up command, the platform and the files that `cacheKey` names (all files
 * when it names none). Set-up runs code of the commit and its result is used for other commits, so a snapshot that is
 * shared is only ever made from a commit that has landed; a change that brings other key files gets one of its own (G2).
 */
export const snapshotKey = async (place: SnapshotPlace, state: TreeState): Promise<SnapshotKey> => {
  const { rig, home } = place;
  const own = await keyFiles(place, state.head);
  const base = createHash('sha256')
    .update(
      JSON.stringify([
        rig.setup,
        rig.caches,
        rig.network,
        process.platform,
        process.arch,
        own,
        ...rig.sparse,
      ]),
    )
    .digest('hex')
    .slice(0, 32);
  for (const commit of await landedTips(place)) {
    if (commit === state.head || (await keyFiles(place, commit)) === own)
      return { name: base, commit, landed: true };
  }
  // A bead keeps its own from turn to turn; elsewhere, in the Refinery's slots, only the very tree may have it again.
  const worktrees = join(dirname(home.repo(rig.name)), 'worktrees');
  const owner = isInside(place.dir, worktrees) ? place.dir : state.tree;
  const suffix = createHash('sha256').update(owner).digest('hex').slice(0, 16);
  return { name: `${base}-${suffix}`, commit: state.head, landed: false };
};

const keyFiles = async (place: SnapshotPlace, commit: string): Promise<string> => {
  const { cacheKey } = place.rig;
  if (cacheKey.length === 0) {
    const { cwd, signal } = repoOptions(place);
    return (await resolveObject(cwd, `${commit}^{tree}`, signal))?.oid ?? '';
  }
  return (await git(['ls-tree', '-r', commit, '--', ...cacheKey], repoOptions(place))).stdout;
};

/** The target as the town knows it, whatever its name; before that, the branch as fetched. */
const landedTips = async (place: SnapshotPlace): Promise<readonly string[]> => {
  const branch = place.rig.branch;
  const refs = ['refs/gt/target/', `refs/remotes/origin/${branch}`, `refs/heads/${branch}`];
  const { stdout } = await git(['for-each-ref', '--format=%(objectname)', ...refs], repoOptions(place));
  return [...new Set(stdout.split('\n').filter((line) => line !== ''))];
};

/**
 * The folder of a snapshot, made when it is absent: a checkout of the commit, set-up in it, the declared caches moved
 * out. One maker at a time over all processes; a snapshot appears whole or not at all. A red set-up is returned.
 */
export const ensureSnapshot = async (
  place: SnapshotPlace,
  key: SnapshotKey,
  setup: (tree: string) => Promise<SandboxResult>,
): Promise<{ readonly folder: string } | { readonly red: SandboxResult }> => {
  const caches = place.home.caches(place.rig.name);
  const folder = join(caches, key.name);
  if (await isFolder(folder)) {
    // Its age is that of its last use: whoever prunes takes those that nothing uses.
    await utimes(folder, new Date(), new Date());
    return { folder };
  }
  await mkdir(caches, { recursive: true });
  return withLock(`${folder}.lock`, place.signal, async () => {
    if (await isFolder(folder)) return { folder };
    await sweepDrafts(place, caches, key);
    const draft = `${folder}.${randomBytes(4).toString('hex')}`;
    const tree = join(draft, 'tree');
    try {
      await mkdir(join(draft, 'caches'), { recursive: true });
      await checkOut(place, tree, key.commit);
      const result = await setup(tree);
      if (result.exitCode !== 0) return { red: result };
      for (const path of place.rig.caches) await moveCache(tree, join(draft, 'caches'), path);
      await rename(join(draft, 'caches'), folder);
      return { folder };
    } finally {
      // Both, since a kill may have left one without the other.
      await git(['worktree', 'remove', '--force', '--force', tree], {
        cwd: place.home.repo(place.rig.name),
      }).catch(() => undefined);
      await rm(draft, { recursive: true, force: true });
      await git(['worktree', 'prune', '--expire=now'], { cwd: place.home.repo(place.rig.name) }).catch(
        () => undefined,
      );
    }
  });
};

const checkOut = async (place: SnapshotPlace, tree: string, commit: string): Promise<void> => {
  const { sparse } = place.rig;
  const add = ['worktree', 'add', '--quiet', '--force', '--detach'];
  if (sparse.length === 0) {
    await git([...add, tree, commit], repoOptions(place));
    return;
  }
  await git([...add, '--no-checkout', tree, commit], repoOptions(place));
  const inTree = { ...repoOptions(place), cwd: tree };
  await makeSparse(await gitLine(['rev-parse', '--absolute-git-dir'], inTree), sparse);
  await git([...sparseFlags(sparse), 'reset', '--hard', '--quiet'], inTree);
};

/** Removes what killed makers left: a whole checkout with its caches each, and its registration (G5). */
const sweepDrafts = async (place: SnapshotPlace, caches: string, own: SnapshotKey): Promise<void> => {
  for (const draft of await readdir(caches)) {
    const key = /^(.+)\.[0-9a-f]{8}$/.exec(draft)?.[1];
    // Our own key's lock is ours, so nobody else makes that one now.
    if (key === undefined || (key !== own.name && isHeld(join(caches, `${key}.lock`)))) continue;
    await removeWorktree(place.home.repo(place.rig.name), join(caches, draft, 'tree'));
    await rm(join(caches, draft), { recursive: true, force: true });
  }
};

const moveCache = async (tree: string, to: string, path: string): Promise<void> => {
  const from = join(tree, path);
  // Set-up may have put a link there, to whatever it likes; only a folder of the tree itself is a cache.
  if (!(await isFolder(from)) || (await realPath(from)) !== join((await realPath(tree)) ?? tree, path))
    return;
  await mkdir(dirname(join(to, path)), { recursive: true });
  await rename(from, join(to, path));
};

/**
 * Gives a tree throw-away copies, sharing blocks where the file system can; nothing written to them flows back. Returns
 * what tells these copies from others.
 */
export const copyCaches = async (folder: string, rig: RigSettings, dir: string): Promise<void> => {
  const root = (await realPath(dir)) ?? dir;
  for (const path of rig.caches) {
    const from = join(folder, path);
    const to = join(root, path);
    // A committed link could lead the copy out of the tree (G9), and so could making the folders above it.
    if (!(await staysInside(root, dirname(to)))) continue;
    await rm(to, { recursive: true, force: true });
    if (!(await isFolder(from))) continue;
    await mkdir(dirname(to), { recursive: true });
    await copyTree(from, to);
  }
};

/** Whether the deepest folder on the way that exists is the one it seems to be. */
const staysInside = async (root: string, folder: string): Promise<boolean> => {
  if (!isInside(folder, root)) return false;
  if (folder === root) return true;
  const stat = await lstat(folder).catch(() => undefined);
  if (stat === undefined) return staysInside(root, dirname(folder));
  return stat.isDirectory() && (await realPath(folder)) === folder;
};

const run = promisify(execFile);

const copyTree = async (from: string, to: string): Promise<void> => {
  const fast = process.platform === 'darwin' ? ['-Rc'] : ['-a', '--reflink=auto'];
  try {
    await run('cp', [...fast, from, to]);
  } catch {
    // busybox and old file systems know neither.
    await rm(to, { recursive: true, force: true });
    await run('cp', ['-a', from, to]);
  }
};

/** Tells whether the caches of a tree are still the ones that were copied there: their inodes and births. */
export const cacheMarks = async (rig: RigSettings, dir: string): Promise<string> => {
  const marks = await Promise.all(
    rig.caches.map(async (path) => {
      const stat = await lstat(join(dir, path)).catch(() => undefined);
      return stat === undefined ? 'none' : `${stat.ino}.${stat.birthtimeMs}`;
    }),
  );
  return marks.join(' ');
};

const isFolder = async (path: string): Promise<boolean> =>
  lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  );

const repoOptions = (place: SnapshotPlace): { cwd: string; profile: 'plumbing'; signal?: AbortSignal } => ({
  cwd: place.home.repo(place.rig.name),
  profile: 'plumbing',
  ...(place.signal === undefined ? {} : { signal: place.signal }),
});
