import { gitLine } from './run.ts';

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Of author and committer, seconds since 1970. From what goes in, not from the clock: the same work is the same commit (G5). */
  readonly seconds: number;
}

/** Writes a commit object without touching any ref or work tree, and returns its id. `tree` may be `<commit>^{tree}`. */
export const writeCommit = (repo: string, commit: NewCommit, signal?: AbortSignal): Promise<string> => {
  const date = `@${commit.seconds} +0000`;
  const parents = commit.parents.flatMap((parent) => ['-p', parent]);
  return gitLine(['commit-tree', commit.tree, ...parents, '-F', '-'], {
    cwd: repo,
    input: commit.message,
    env: { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    ...(signal ? { signal } : {}),
  });
};

export interface CommitFacts {
  readonly commit: string;
  readonly tree: string;
  /** Committer date, seconds since 1970. */
  readonly seconds: number;
  readonly parents: readonly string[];
  readonly message: string;
}

/** Facts of several commits in one process, in the order asked. */
export const readCommits = async (
  repo: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<readonly CommitFacts[]> => {
  const format = '--format=%H%x00%T%x00%ct%x00%P%x00%B%x00';
  const text = await gitLine(['log', '--no-walk=unsorted', format, ...names, '--'], {
    cwd: repo,
    ...(signal ? { signal } : {}),
  });
  const fields = text.split('\0');
  return Array.from({ length: Math.floor(fields.length / 5) }, (_, at) => {
    const [commit = '', tree = '', seconds = '0', parents = '', message = ''] = fields.slice(
      at * 5,
      at * 5 + 5,
    );
    return {
      commit: commit.trim(),
      tree,
      seconds: Number(seconds),
      parents: parents.split(' ').filter((parent) => parent !== ''),
      message,
    };
  });
};
