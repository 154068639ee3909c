import { type CommitFacts, commitFacts } from './commitObject.ts';
import { readObject } from './objects.ts';
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

/** Facts of one commit, by any name of it; undefined where it is not here. */
export const readCommit = async (
  repo: string,
  name: string,
  signal?: AbortSignal,
): Promise<CommitFacts | undefined> => {
  const object = await readObject(repo, `${name}^{commit}`, signal);
  return object && commitFacts(object);
};

/** Facts of several commits, in the order asked; those that are not here are left out. */
export const readCommits = async (
  repo: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<readonly CommitFacts[]> => {
  const found = await Promise.all(names.map((name) => readCommit(repo, name, signal)));
  return found.filter((facts) => facts !== undefined);
};
