import { oneLine } from '../../workflows/domain/text.ts';
import { fetchOrigin } from '../git/origin.ts';
import { git } from '../git/run.ts';
import type { Rig } from './index.ts';
import { unusable } from './unusable.ts';

/** Brings the source's branches into the town's copy. git refuses a source that is shallow. */
export const fetchSource = async (rig: Rig): Promise<void> => {
  try {
    await fetchOrigin(rig.repo, rig.signal);
  } catch (error) {
    if (!(error instanceof Error) || !/shallow/.test(error.message)) throw error;
    throw unusable(
      rig,
      `${rig.settings.source} is shallow: it lacks the history that merging needs.`,
      error.message,
      'Push the whole history there (git fetch --unshallow in the clone that it came from), and launch again.',
    );
  }
};

/** Refuses a repository with what the town cannot carry yet. */
export const checkContents = async (rig: Rig, tip: string): Promise<void> => {
  const { repo, settings, signal } = rig;
  const submodules = await submodulesIn(rig, tip);
  if (submodules.length > 0)
    throw unusable(
      rig,
      'it has submodules, which the town does not support yet.',
      `${settings.branch} has ${submodules
        .slice(0, 5)
        .map((path) => oneLine(path))
        .join(', ')}.`,
      'Use a rig without submodules, or make each of these a rig of its own.',
    );
  const lfs = await git(['grep', '-l', '-e', 'filter=lfs', tip, '--', ':(glob)**/.gitattributes'], {
    cwd: repo,
    okExitCodes: [0, 1],
    signal,
  });
  if (lfs.exitCode === 0)
    throw unusable(
      rig,
      'it keeps files in Git LFS, which the town does not support yet.',
      `filter=lfs in ${lfs.stdout
        .trim()
        .split('\n')
        .slice(0, 5)
        .map((path) => oneLine(path))
        .join(', ')}`,
      'Use a rig without LFS, or a branch from which the LFS files are gone (git lfs migrate export).',
    );
};

const submodulesIn = async ({ repo, signal }: Rig, tip: string): Promise<string[]> => {
  const { stdout } = await git(['ls-tree', '-r', '-z', '--format=%(objectmode) %(path)', tip], {
    cwd: repo,
    signal,
  });
  return stdout.split('\0').flatMap((entry) => (entry.startsWith('160000 ') ? [entry.slice(7)] : []));
};
