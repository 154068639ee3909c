import type { GitObject } from '../git/objects.ts';
import type { TreeEntry } from './safety.ts';

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
