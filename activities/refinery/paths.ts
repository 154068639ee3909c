import type { Bench } from './bench.ts';

/**
 * Paths that a merge changed, and those of them in which the bead's own diff has no part. There are none of these in a sound merge; a
 * wrong merge base shows up here as other people's changes taken back.
 */
export const strayPaths = async (
  bench: Bench,
  merge: { readonly before: string; readonly after: string; readonly base: string; readonly head: string },
): Promise<{ readonly changed: readonly string[]; readonly stray: readonly string[] }> => {
  const changed = await diffPaths(bench, ['diff-tree', '-r', `${merge.before}^{tree}`, merge.after]);
  if (changed.length === 0) return { changed, stray: [] };
  const own = new Set(await diffPaths(bench, ['diff', `${merge.before}...${merge.head}`]));
  const stray = changed.filter((path) => !own.has(path));
  if (stray.length === 0) return { changed, stray };
  // A file that the target renamed meanwhile takes the bead's change at its new path.
  const renamed = await renamedOnTarget(bench, merge.before, merge.head);
  return { changed, stray: stray.filter((path) => !own.has(renamed.get(path) ?? path)) };
};

/** Paths that a command of git's diff family names. */
export const diffPaths = async (bench: Bench, args: readonly string[]): Promise<readonly string[]> => {
  const [command = '', ...rest] = args;
  const { stdout } = await bench.plumb([command, '--name-only', '-z', '--no-renames', ...rest, '--']);
  return stdout.split('\0').filter((path) => path !== '');
};

/** New path → old path, for renames between the merge base and `before`. */
const renamedOnTarget = async (
  bench: Bench,
  before: string,
  head: string,
): Promise<ReadonlyMap<string, string>> => {
  const { stdout } = await bench.plumb([
    'diff',
    '--name-status',
    '-z',
    '--find-renames',
    '--diff-filter=R',
    `${head}...${before}`,
    '--',
  ]);
  const fields = stdout.split('\0');
  const renames = new Map<string, string>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    renames.set(fields[at + 2] ?? '', fields[at + 1] ?? '');
  }
  return renames;
};
