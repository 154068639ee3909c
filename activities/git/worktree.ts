import { mkdir, readdir, readFile, realpath, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { inTurn } from './mutex.ts';
import { removeTree } from './removeTree.ts';
import { git } from './run.ts';
import { isSparseFor, makeSparse, sparseFlags } from './sparse.ts';

/** A linked worktree of a bare repository, on a branch of its own. */
export interface Worktree {
  readonly repo: string;
  readonly path: string;
  /** Full name of the ref that it has checked out. */
  readonly branch: string;
  /** Folders that the rig's set-up made, kept when the rest is cleaned; relative to the root. */
  readonly caches: readonly string[];
  /** Folders that are checked out; none: all. */
  readonly sparse: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Ensures that the worktree is there and holds exactly what its branch holds, whatever a killed run left: a folder without
 * registration, a registration without folder, half a checkout, changed and unknown files. Caches stay.
 */
export const ensureWorktree = async (request: Worktree): Promise<void> => {
  const worktree = await asGitNames(request);
  const admin = await adminOf(worktree);
  if (admin === undefined) return make(worktree);
  try {
    await reset(worktree, admin);
    await clean(worktree, admin);
  } catch (error) {
    if (worktree.signal?.aborted) throw error;
    // An index that a power loss tore, or worse: nothing here is worth repair, the branch has it all.
    await make(worktree);
  }
};

/** Brings the files along after the branch moved. Files that git does not know stay. */
export const resetWorktree = async (request: Worktree): Promise<void> => {
  const worktree = await asGitNames(request);
  const admin = await adminOf(worktree);
  if (admin === undefined) return make(worktree);
  await reset(worktree, admin);
};

/** Removes folder and registration, also when half of them is gone already. */
export const removeWorktree = async (where: string, folder: string): Promise<void> => {
  const { repo, path } = await asGitNames({ repo: where, path: folder });
  // `git worktree remove` refuses what is half gone, so this does by hand what it does, the registration last.
  const id = (await linkedId(repo, path)) ?? (await registeredId(repo, path));
  await removeTree(path);
  await inTurn(`worktrees ${repo}`, async () => {
    if (id !== undefined) await rm(join(repo, 'worktrees', id), { recursive: true, force: true });
    await removeEmptyParents(path);
  });
};

/** The folder in the repository that a worktree belongs to, whatever it has checked out; undefined when none fits. */
export const adminFolder = async (where: string, folder: string): Promise<string | undefined> => {
  const { repo, path } = await asGitNames({ repo: where, path: folder });
  const id = (await linkedId(repo, path)) ?? (await registeredId(repo, path));
  const fits = id !== undefined && (await line(join(repo, 'worktrees', id, 'gitdir'))) === join(path, '.git');
  return fits ? join(repo, 'worktrees', id) : undefined;
};

/** The same place without links in its paths, as git writes them into a worktree and its registration. */
const asGitNames = async <T extends { readonly repo: string; readonly path: string }>(
  place: T,
): Promise<T> => {
  const repo = await realpath(place.repo);
  // The rig's folder, since the worktree itself and what is above it may not be there yet.
  const below = relative(dirname(place.repo), place.path);
  return { ...place, repo, path: join(dirname(repo), below) };
};

/** Environment that binds git to a worktree whatever its `.git` file says: that file lies where gates write (G9). */
const bound = ({ path }: Worktree, admin: string): Record<string, string> => ({
  GIT_DIR: admin,
  GIT_WORK_TREE: path,
});

const make = async (worktree: Worktree): Promise<void> => {
  const { repo, path, branch, signal } = worktree;
  await removeWorktree(repo, path);
  // In turn, because 30 of 192 parallel adds failed; the checkout, which is the slow part, runs beside others.
  await inTurn(`worktrees ${repo}`, async () => {
    await mkdir(dirname(path), { recursive: true });
    const short = branch.replace(/^refs\/heads\//, '');
    await git(['worktree', 'add', '--quiet', '--force', '--no-checkout', path, short], options(repo, signal));
  });
  const id = await linkedId(repo, path);
  if (id !== undefined) await makeSparse(join(repo, 'worktrees', id), worktree.sparse);
  const admin = await adminOf(worktree);
  if (admin !== undefined) await reset(worktree, admin);
};

const reset = async (worktree: Worktree, admin: string): Promise<void> => {
  await git([...sparseFlags(worktree.sparse), 'reset', '--hard', '--quiet'], {
    ...options(worktree.path, worktree.signal),
    env: bound(worktree, admin),
  });
};

const clean = async (worktree: Worktree, admin: string): Promise<void> => {
  const kept = worktree.caches.flatMap((cache) => ['-e', `/${cache}`]);
  await git([...sparseFlags(worktree.sparse), 'clean', '-ffdxq', ...kept], {
    ...options(worktree.path, worktree.signal),
    env: bound(worktree, admin),
  });
};

const options = (cwd: string, signal: AbortSignal | undefined) => (signal ? { cwd, signal } : { cwd });

/** The worktree's folder in the repository, when all its parts fit together; undefined when it has to be made anew. */
const adminOf = async ({ repo, path, branch, sparse }: Worktree): Promise<string | undefined> => {
  const id = await linkedId(repo, path);
  if (id === undefined) return;
  const admin = join(repo, 'worktrees', id);
  const [back, head, common] = await Promise.all(
    ['gitdir', 'HEAD', 'commondir'].map((name) => line(join(admin, name))),
  );
  const fits = back === join(path, '.git') && head === `ref: ${branch}` && common === '../..';
  // Made for other folders, it is made anew: git keeps to what a file's entry in the index says.
  return fits && (await isSparseFor(admin, sparse)) ? admin : undefined;
};

/** The id that the worktree's `.git` file names, when that is in this repository. */
const linkedId = async (repo: string, path: string): Promise<string | undefined> => {
  const text = await line(join(path, '.git'));
  const id = basename(text);
  return text === `gitdir: ${join(repo, 'worktrees', id)}` && id !== '' ? id : undefined;
};

/** The id under which a path is registered, by looking through all. */
const registeredId = async (repo: string, path: string): Promise<string | undefined> => {
  const ids = await readdir(join(repo, 'worktrees')).catch(() => []);
  for (const id of ids) {
    if ((await line(join(repo, 'worktrees', id, 'gitdir'))) === join(path, '.git')) return id;
  }
  return;
};

const line = async (path: string): Promise<string> => (await readFile(path, 'utf8').catch(() => '')).trim();

/** `<convoy>/<epic>` above a bead's worktree, once nothing is in them. */
const removeEmptyParents = async (path: string): Promise<void> => {
  let folder = dirname(path);
  for (let level = 0; level < 2 && basename(folder) !== 'worktrees'; level++, folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
};
