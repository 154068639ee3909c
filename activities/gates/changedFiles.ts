import { gitBytes } from '../git/run.ts';

/** A path that two commits do not have alike. */
export interface ChangedFile {
  readonly path: string;
  /** Its mode in the later one: `000000` where it is gone, `120000` for a link. */
  readonly mode: string;
}

/** How a later commit differs from an earlier one, file by file, in git's order. */
export const changedFiles = async (
  repo: string,
  base: string,
  head: string,
  signal?: AbortSignal,
): Promise<readonly ChangedFile[]> => {
  const args = ['diff-tree', '-r', '-z', '--no-renames', base, head];
  const { stdout } = await gitBytes(args, { cwd: repo, ...(signal ? { signal } : {}) });
  // `:<old mode> <mode> <old id> <id> <letter>`, then the path.
  const parts = stdout.toString('utf8').split('\0');
  const files: ChangedFile[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2)
    files.push({ path: parts[at + 1] ?? '', mode: (parts[at] ?? '').split(' ')[1] ?? '' });
  return files;
};

/** Whether it is there as a plain file, a program too. */
export const isPlainFile = ({ mode }: ChangedFile): boolean => mode.startsWith('100');
