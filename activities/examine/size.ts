import { type Finding, isPoor, isWell } from '../../workflows/domain/finding.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { gitBytes } from '../git/run.ts';
import type { Rig } from '../rig/index.ts';

/** A worktree beyond either makes every bead slow to open. */
const manyFiles = 100_000;
const manyBytes = 2 * 2 ** 30;

/** What one worktree of the rig costs, and names that other systems cannot hold side by side. */
export async function* sizeFindings(check: string, rig: Rig, commit: string): AsyncGenerator<Finding> {
  const { files, bytes, paths } = await contentsOf(rig, commit);
  const { maxWorkers } = rig.settings;
  const size = `${files} file${files === 1 ? '' : 's'}, ${mib(bytes)} in each worktree`;
  if (files > manyFiles || bytes > manyBytes)
    yield isPoor(check, {
      what: `is large: ${size}, and up to ${maxWorkers} worktrees at once.`,
      evidence: `git ls-tree -r -l ${commit.slice(0, 12)} in ${rig.repo}`,
      fix: `Lower rigs.${rig.settings.name}.limits.maxWorkers, or make the part that you work on a repository (rig) of its own`,
    });
  else yield isWell(check, size);
  const alike = [...Map.groupBy(paths, (path) => path.toLowerCase()).values()].filter(
    (same) => same.length > 1,
  );
  if (alike.length > 0)
    yield isPoor(check, {
      what: `has names that differ in upper and lower case only, and cannot be checked out side by side on macOS and Windows.`,
      evidence: alike
        .slice(0, 5)
        .map((same) => same.map((path) => oneLine(path, 80)).join(' and '))
        .join('\n'),
      fix: 'Rename one of each',
    });
}

const contentsOf = async (
  { repo, signal }: Rig,
  commit: string,
): Promise<{ files: number; bytes: number; paths: readonly string[] }> => {
  const { stdout } = await gitBytes(['ls-tree', '-r', '-z', '--format=%(objectsize) %(path)', commit], {
    cwd: repo,
    signal,
    maxBytes: 512 * 2 ** 20,
  });
  const entries = stdout
    .toString('utf8')
    .split('\0')
    .filter((entry) => entry !== '');
  const bytes = entries.reduce((sum, entry) => sum + (Number.parseInt(entry, 10) || 0), 0);
  return { files: entries.length, bytes, paths: entries.map((entry) => entry.slice(entry.indexOf(' ') + 1)) };
};

const mib = (bytes: number): string =>
  bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
