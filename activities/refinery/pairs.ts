import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bench, isOid } from './bench.ts';

/** Two commits to be merged in thought. */
export type Pair = readonly [string, string];

/**
 * Which of these pairs do not merge: one process for all of them, a fifth of a millisecond each. What it writes goes to a directory of
 * its own, since every merge makes objects that nobody wants. All names must be commits that are here.
 */
export const conflictsAmong = async (bench: Bench, pairs: readonly Pair[]): Promise<readonly boolean[]> => {
  if (pairs.length === 0) return [];
  const quarantine = await mkdtemp(join(tmpdir(), 'gastown-pairs-'));
  try {
    // Written wholly before anything is read: git before 2.49 does not flush after each pair.
    const { stdout } = await bench.plumb(
      ['merge-tree', '--write-tree', '--stdin', '--name-only', '--no-messages'],
      {
        input: pairs.map(([a, b]) => `${a} ${b}\n`).join(''),
        env: {
          GIT_OBJECT_DIRECTORY: quarantine,
          GIT_ALTERNATE_OBJECT_DIRECTORIES: join(bench.repo, 'objects'),
        },
      },
    );
    return readPairs(stdout, pairs.length);
  } finally {
    await rm(quarantine, { recursive: true, force: true });
  }
};

/** Records of `1` or `0` (conflict), a tree, paths, and an empty field, all ended by NUL. */
const readPairs = (text: string, count: number): readonly boolean[] => {
  const fields = text.split('\0');
  const found: boolean[] = [];
  for (let at = 0; found.length < count; ) {
    const [status, tree = ''] = fields.slice(at, at + 2);
    if ((status !== '0' && status !== '1') || !isOid(tree)) throw new Error('git answered with no pairs');
    found.push(status === '0');
    const end = fields.indexOf('', at + 2);
    if (end < 0) break;
    at = end + 1;
  }
  return found;
};
