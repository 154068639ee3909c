import { gitBytes } from '../git/run.ts';
import type { TreeEntry } from './safety.ts';

export interface GitObject {
  readonly oid: string;
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * Reads any number of objects with one git process. Names are what `git rev-parse` takes, e.g. `<commit>:src/a.ts`, without
 * line breaks; those that do not exist are left out of the answer.
 */
export const readObjects = async (
  repo: string,
  names: readonly string[],
): Promise<Map<string, GitObject>> => {
  const wanted = [...new Set(names)];
  const objects = new Map<string, GitObject>();
  if (wanted.length === 0) return objects;
  const input = `${wanted.join('\n')}\n`;
  const { stdout: output } = await gitBytes(['cat-file', '--batch'], { cwd: repo, input });
  let at = 0;
  for (const name of wanted) {
    const end = output.indexOf(10, at);
    const header = output.toString('utf8', at, end);
    at = end + 1;
    const [, oid, type, size] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(header) ?? [];
    if (oid === undefined || type === undefined) continue;
    const length = Number(size);
    objects.set(name, { oid, type, bytes: output.subarray(at, at + length) });
    at += length + 1;
  }
  return objects;
};

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

/** Committer date of a raw commit object, seconds since 1970. */
export const commitSeconds = (commit: GitObject): number =>
  Number(/^committer .* (\d+) [+-]\d{4}$/m.exec(commit.bytes.toString('utf8'))?.[1] ?? 0);
