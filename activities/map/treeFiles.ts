import { isCheckedOut } from '../../workflows/domain/sparse.ts';
import { gitBytes } from '../git/run.ts';

/** A regular file of a commit. */
export interface TreeFile {
  readonly path: string;
  readonly oid: string;
}

/** Files of a commit in git's order, without links and submodules; of a sparse rig those that are checked out. */
export const treeFiles = async (
  repo: string,
  commit: string,
  sparse: readonly string[] = [],
): Promise<TreeFile[]> => {
  const { stdout } = await gitBytes(['ls-tree', '-r', '-z', commit], { cwd: repo });
  const files: TreeFile[] = [];
  for (const line of stdout.toString('utf8').split('\0')) {
    const tab = line.indexOf('\t');
    const path = line.slice(tab + 1);
    if (tab < 0 || !line.startsWith('100') || !isCheckedOut(path, sparse)) continue;
    files.push({ path, oid: line.slice(line.lastIndexOf(' ', tab) + 1, tab) });
  }
  return files;
};

/** How a later commit differs: regular files that are new or other, and paths that are gone or no regular file any more. */
export interface TreeChanges {
  readonly touched: readonly TreeFile[];
  readonly gone: ReadonlySet<string>;
}

/** What differs between two commits; of a sparse rig only where it is checked out. */
export const treeChanges = async (
  repo: string,
  base: string,
  commit: string,
  sparse: readonly string[] = [],
): Promise<TreeChanges> => {
  const touched: TreeFile[] = [];
  const gone = new Set<string>();
  if (base === commit) return { touched, gone };
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--no-abbrev', base, commit];
  const { stdout } = await gitBytes(args, { cwd: repo });
  // `:<old mode> <mode> <old id> <id> <letter>`, then the path.
  const parts = stdout.toString('utf8').split('\0');
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, mode = '', , oid = ''] = (parts[at] ?? '').split(' ');
    const path = parts[at + 1] ?? '';
    if (!mode.startsWith('100')) gone.add(path);
    else if (isCheckedOut(path, sparse)) touched.push({ path, oid });
  }
  return { touched, gone };
};
