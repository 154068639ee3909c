import { copyFile, lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BeadRef, beadBranch, gitRef } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { writeCommit } from '../git/commit.ts';
import { moveRefs } from '../git/refs.ts';
import { type GitOptions, git, gitLine } from '../git/run.ts';
import { sparseFlags } from '../git/sparse.ts';
import type { LookedAt } from './lastLook.ts';

/**
 * Keeps what lies in a worktree and is in no commit, under a ref, and tells it in a line; [] when there is nothing. The town
 * itself commits all that it writes, so somebody else wrote it: a daemon of a gate, or a person.
 */
export const keepLeftFiles = async (
  at: LookedAt,
  bead: BeadRef,
  path: string,
  admin: string,
): Promise<readonly string[]> => {
  const { repo, signal } = at;
  // Bound to what the town knows of it: the worktree's own `.git` file lies where gates write (G9).
  const options = { cwd: path, signal, env: { GIT_DIR: admin, GIT_WORK_TREE: path } };
  const flags = sparseFlags(at.sparse);
  const own = ['.', ...at.caches.map((cache) => `:(exclude,top,literal)${cache}`)];
  const listing = [...flags, 'status', '--porcelain', '-z', '--no-renames', '--untracked-files=all'];
  const { stdout } = await git([...listing, '--', ...own], options);
  const entries = stdout.split('\0').filter((entry) => entry.length > 3);
  if (entries.length === 0) return [];
  // The first letter is what is staged, the second what is in the files alone.
  const changed = entries.filter((entry) => entry[1] !== ' ').map((entry) => entry.slice(3));
  if ((await bytesOf(path, changed)) > mostBytes) return [`${namesOf(changed)}, too large to keep`];
  const tree = await treeOf(admin, changed, options, flags);
  // Ended between a commit and its checkout, a worktree shows an earlier state of its own branch: nothing is lost.
  const known = await git(['log', '--max-count=100', '--format=%T', 'HEAD'], options);
  if (known.stdout.split('\n').includes(tree)) return [];
  const parent = await gitLine(['rev-parse', 'HEAD'], options);
  const seconds = Number(await gitLine(['log', '-1', '--format=%ct', parent], options));
  const message = `Left in the worktree of ${beadBranch(bead)}\n`;
  const commit = await writeCommit(repo, { tree, parents: [parent], message, seconds }, signal);
  const kept = gitRef.kept(bead, `left-${commit.slice(0, 12)}`);
  await moveRefs(repo, [{ ref: kept, to: commit }], signal);
  return [`${namesOf(changed)}, kept as ${kept}`];
};

/** The tree of the files as they are; the worktree's own index stays as it is. */
const treeOf = async (
  admin: string,
  changed: readonly string[],
  options: GitOptions,
  flags: readonly string[],
): Promise<string> => {
  const index = join(admin, 'gastown-last-look');
  const alone = { ...options, env: { ...options.env, GIT_INDEX_FILE: index } };
  try {
    await copyFile(join(admin, 'index'), index);
    if (changed.length > 0)
      await git([...flags, 'add', '--all', '--force', '--pathspec-from-file=-', '--pathspec-file-nul'], {
        ...alone,
        env: { ...alone.env, GIT_LITERAL_PATHSPECS: '1' },
        input: `${changed.join('\0')}\0`,
      });
    return await gitLine(['write-tree'], alone);
  } finally {
    await rm(index, { force: true });
  }
};

const namesOf = (changed: readonly string[]): string => {
  if (changed.length === 0) return 'changes were staged and not committed';
  const few = changed.slice(0, 3).map((name) => oneLine(name, 80));
  const more = changed.length > few.length ? ', …' : '';
  return `${changed.length} ${changed.length === 1 ? 'file in it was' : 'files in it were'} not committed (${few.join(', ')}${more})`;
};

const mostBytes = 16 * 1024 * 1024;
const mostFiles = 2_000;

const bytesOf = async (root: string, paths: readonly string[]): Promise<number> => {
  if (paths.length > mostFiles) return Number.POSITIVE_INFINITY;
  const sizes = await Promise.all(
    paths.map((path) =>
      lstat(join(root, path)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
};
