import { fail } from '../failure.ts';
import { commitFacts } from '../git/commitObject.ts';
import { type GitObject, readObjects } from '../git/objects.ts';
import { foldersAbove, type TreeEntry, treeEntries } from '../git/treeEntries.ts';
import { type Folders, modes } from './safety.ts';

/** A commit as far as some paths need it: the files, and the folders on the way to them. */
export interface CommitView {
  readonly seconds: number;
  /** Where the branch is now; undefined when it does not exist. */
  readonly tip: string | undefined;
  readonly folders: Folders;
  readonly file: (path: string) => { readonly mode: string; readonly bytes: Buffer } | undefined;
}

/** Reads what a change of these (harmless) paths needs to know of a commit. */
export const viewCommit = async (
  repo: string,
  commit: string,
  branch: string,
  paths: readonly string[],
): Promise<CommitView> => {
  const folderPaths = new Set(['', ...paths.flatMap(foldersAbove)]);
  const objects = await readObjects(repo, [
    branch,
    commit,
    ...[...folderPaths, ...paths].map((path) => `${commit}:${path}`),
  ]);
  const itself = objects.get(commit);
  if (itself?.type !== 'commit')
    throw fail('WorktreeLost', {
      what: `The commit ${commit.slice(0, 12)} that this turn works on is not in the rig's repository.`,
      evidence: `git cat-file in ${repo}`,
      next: 'Start the bead again with `gt resume`; it then begins at the tip of the target.',
    });
  const trees = new Map<string, TreeEntry[]>();
  for (const folder of folderPaths) {
    const tree = objects.get(`${commit}:${folder}`);
    if (tree?.type === 'tree') trees.set(folder, treeEntries(tree));
  }
  const entryOf = (path: string): TreeEntry | undefined => {
    const cut = path.lastIndexOf('/');
    return trees.get(cut < 0 ? '' : path.slice(0, cut))?.find(({ name }) => name === path.slice(cut + 1));
  };
  return {
    seconds: commitFacts(itself).seconds,
    tip: objects.get(branch)?.oid,
    folders: (folder) => trees.get(folder),
    file: (path) => {
      const entry = entryOf(path);
      const blob: GitObject | undefined = objects.get(`${commit}:${path}`);
      return entry && blob?.type === 'blob' && entry.mode !== modes.link
        ? { mode: entry.mode, bytes: blob.bytes }
        : undefined;
    },
  };
};
