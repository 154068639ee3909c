import type { GitObject } from './objects.ts';

/** One line of a tree: modes as git writes them there, e.g. `100644`, `40000` for a folder. */
export interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly oid: string;
}

/** The entries of a raw tree object. */
export const treeEntries = (tree: GitObject): TreeEntry[] => {
  const entries: TreeEntry[] = [];
  const idBytes = tree.oid.length / 2;
  for (let at = 0; at < tree.bytes.length; ) {
    const space = tree.bytes.indexOf(32, at);
    const zero = tree.bytes.indexOf(0, space);
    entries.push({
      mode: tree.bytes.toString('latin1', at, space),
      name: tree.bytes.toString('utf8', space + 1, zero),
      oid: tree.bytes.toString('hex', zero + 1, zero + 1 + idBytes),
    });
    at = zero + 1 + idBytes;
  }
  return entries;
};

/** `a`, `a/b` for `a/b/c`. */
export const foldersAbove = (path: string): readonly string[] => {
  const parts = path.split('/');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
};
