import { writeCommit } from './commit.ts';
import { git, gitFailed } from './run.ts';

export interface Merged {
  readonly tree: string;
  /** Paths that did not merge; the tree then holds conflict markers. Decided by git's exit code, not by this list. */
  readonly conflicts: readonly string[] | undefined;
}

/** The changes of `base..head`, as one, put on `onto` without a work tree. `seconds` dates a helper commit, so that repeats agree. */
export const mergeOnto = async (
  repo: string,
  { base, head, onto, seconds }: { base: string; head: string; onto: string; seconds: number },
  signal?: AbortSignal,
): Promise<Merged> => {
  // A commit with onto's files and base as its parent: git then takes base as the merge base, wherever else they met.
  // A wrong merge base is a silent revert, and `--merge-base` needs git 2.40.
  const ours = await writeCommit(
    repo,
    { tree: `${onto}^{tree}`, parents: [base], message: 'merge base\n', seconds },
    signal,
  );
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, head];
  const ended = await git(args, { cwd: repo, okExitCodes: [0, 1], ...(signal ? { signal } : {}) });
  const [tree = '', ...paths] = ended.stdout.split('\0');
  // A name that cannot be resolved also exits with 1, but prints nothing.
  if (!/^[0-9a-f]{40,64}$/.test(tree)) throw gitFailed(args, { cwd: repo }, ended);
  return {
    tree,
    conflicts: ended.exitCode === 1 ? [...new Set(paths.filter((path) => path !== ''))] : undefined,
  };
};
