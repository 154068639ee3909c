import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fail } from '../failure.ts';
import { commitFacts } from '../git/commitObject.ts';
import { readObject } from '../git/objects.ts';
import { git } from '../git/run.ts';
import { sparseFlags } from '../git/sparse.ts';
import { isInside, realPath } from '../sandbox/paths.ts';

/** A work tree of the town's own repository, in which hostile commands may have run. */
export interface GateTree {
  readonly dir: string;
  /** The bare repository that it belongs to. */
  readonly repo: string;
  /** Paths of declared caches, which are not part of the commit. */
  readonly caches: readonly string[];
  /** Folders that are checked out; none: all. */
  readonly sparse: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** What the tree stands on. */
export interface TreeState {
  readonly head: string;
  readonly tree: string;
}

/** Head and tree of a work tree. Throws `WorktreeLost` where there is none, or one of another repository. */
export const readTree = async (tree: GateTree): Promise<TreeState> => {
  const admin = basename((await readGitFile(tree)).trimEnd());
  const head = await readObject(tree.repo, `worktrees/${admin}/HEAD^{commit}`, tree.signal);
  if (head === undefined) throw headless(tree);
  return { head: head.oid, tree: commitFacts(head).tree };
};

/**
 * Makes the files those of the commit again: what is tracked as committed, what is neither tracked nor ignored removed,
 * so that the next turn starts from the commit and commits nothing that a gate left. Costs one git call when clean.
 */
export const restoreTree = async (tree: GateTree): Promise<void> => {
  await readGitFile(tree);
  const options = optionsFor(tree);
  const excludes = tree.caches.flatMap((path) => ['-e', `/${path}`]);
  const sparse = sparseFlags(tree.sparse);
  const status = [...sparse, 'status', '--porcelain', '-z', '--no-renames', '--untracked-files=normal'];
  const others = tree.caches.map((path) => `:(exclude)${path}`);
  if ((await git([...status, '--', '.', ...others], options)).stdout === '') return;
  await git([...sparse, 'reset', '--hard', '--quiet', 'HEAD'], options);
  await git([...sparse, 'clean', '-ffdq', ...excludes], options);
};

/** Head and tree of a work tree whose files are made those of the commit again. Both at once: each waits for a git of its own. */
export const settleTree = async (tree: GateTree): Promise<TreeState> => {
  const [state] = await Promise.all([readTree(tree), restoreTree(tree)]);
  return state;
};

/** The `.git` file of the tree, to be compared or put back after commands that were not kept from it. */
export const readGitFile = async (tree: Pick<GateTree, 'dir' | 'repo'>): Promise<string> => {
  const path = join(tree.dir, '.git');
  const text = await lstat(path).then(
    async (stat) => (stat.isFile() ? await readFile(path, 'utf8') : ''),
    () => '',
  );
  const target = /^gitdir: (.+)\n?$/.exec(text)?.[1];
  const [real, repo] = await Promise.all([
    target === undefined ? undefined : realPath(resolve(tree.dir, target)),
    realPath(tree.repo),
  ]);
  // Any other place could bring its own configuration, and with it programs that git would start for us.
  if (real === undefined || repo === undefined || !isInside(real, join(repo, 'worktrees'))) {
    throw fail('WorktreeLost', {
      what: 'The work tree is not one of the town’s repository.',
      evidence: `${path} ${text === '' ? 'is missing or no file' : `says "${text.trim().slice(0, 200)}"`}; expected a folder in ${join(tree.repo, 'worktrees')}`,
      next: 'Nothing to do: the bead opens its work tree again. If this repeats, look at what its gates do to .git.',
    });
  }
  return text;
};

/** Puts the `.git` file back if a command changed it. Only needed where no sandbox kept it read-only. */
export const keepGitFile = async (tree: Pick<GateTree, 'dir' | 'repo'>, text: string): Promise<void> => {
  const path = join(tree.dir, '.git');
  const now = await lstat(path).then(
    async (stat) => (stat.isFile() ? await readFile(path, 'utf8') : undefined),
    () => undefined,
  );
  if (now === text) return;
  await rm(path, { recursive: true, force: true });
  await writeFile(path, text, { flag: 'wx' });
};

const headless = ({ dir }: GateTree): Error =>
  fail('WorktreeLost', {
    what: 'The work tree stands on no commit.',
    evidence: `HEAD of ${dir}`,
    next: 'Nothing to do: the bead opens its work tree again. If this repeats, look at what its gates do to git.',
  });

const optionsFor = (tree: GateTree): { cwd: string; profile: 'plumbing'; signal?: AbortSignal } => ({
  cwd: tree.dir,
  profile: 'plumbing',
  ...(tree.signal === undefined ? {} : { signal: tree.signal }),
});
