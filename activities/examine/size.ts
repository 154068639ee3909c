import { type Finding, isPoor, isWell } from '../../workflows/domain/finding.ts';
import { isCheckedOut } from '../../workflows/domain/sparse.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { gitBytes } from '../git/run.ts';
import type { Rig } from '../rig/index.ts';

/** A worktree beyond either makes every bead slow to open. */
export const largeRig = { files: 100_000, bytes: 2 * 2 ** 30 };

/** A file of a commit. */
interface Sized {
  readonly path: string;
  readonly bytes: number;
}

/** What one worktree of the rig costs, and names that other systems cannot hold side by side. */
export async function* sizeFindings(
  check: string,
  rig: Rig,
  commit: string,
  most = largeRig,
): AsyncGenerator<Finding> {
  const all = await contentsOf(rig, commit);
  const { maxWorkers, sparse, name } = rig.settings;
  const files = all.filter(({ path }) => isCheckedOut(path, sparse));
  const size = `${files.length} file${files.length === 1 ? '' : 's'}, ${mib(bytesOf(files))} in each worktree`;
  const left = sparse.length === 0 ? '' : ` (of ${all.length}, as sparse says)`;
  const absent = sparse.filter((folder) => !all.some(({ path }) => path.startsWith(`${folder}/`)));
  if (absent.length > 0)
    yield isPoor(check, {
      what: `has no folder ${absent.map((folder) => oneLine(folder, 80)).join(', ')}, which sparse names.`,
      evidence: `git ls-tree -r ${commit.slice(0, 12)} in ${rig.repo}`,
      fix: `Correct rigs.${name}.sparse in gastown.yaml`,
    });
  if (isLarge(files, most))
    yield isPoor(check, {
      what: `is large: ${size}${left}, and up to ${maxWorkers} worktrees at once.`,
      evidence: [`git ls-tree -r -l ${commit.slice(0, 12)} in ${rig.repo}`, ...largest(files)].join('\n'),
      fix: `${advice(rig, files, most)} Or lower rigs.${name}.limits.maxWorkers`,
    });
  else yield isWell(check, `${size}${left}`);
  const alike = [...Map.groupBy(files, ({ path }) => path.toLowerCase()).values()].filter(
    (same) => same.length > 1,
  );
  if (alike.length > 0)
    yield isPoor(check, {
      what: `has names that differ in upper and lower case only, and cannot be checked out side by side on macOS and Windows.`,
      evidence: alike
        .slice(0, 5)
        .map((same) => same.map(({ path }) => oneLine(path, 80)).join(' and '))
        .join('\n'),
      fix: 'Rename one of each',
    });
}

/** The setting itself, where leaving out the largest folders makes the rest small enough. */
const advice = (
  { settings: { name, sparse } }: Rig,
  files: readonly Sized[],
  most: typeof largeRig,
): string => {
  const folders = heaviestFirst(files).filter(({ folder }) => isPlain(folder));
  const kept = folders.toReversed();
  while (
    kept.length > 1 &&
    isLarge(
      kept.flatMap((one) => one.files),
      most,
    )
  )
    kept.pop();
  const small =
    kept.length > 0 &&
    !isLarge(
      kept.flatMap((one) => one.files),
      most,
    );
  // Folders in the setting already can only be narrowed by who knows them.
  if (sparse.length > 0 || !small || kept.length === folders.length)
    return `Set rigs.${name}.sparse in gastown.yaml to the folders that the work needs: sparse: [FOLDER/PART].`;
  const setting = kept.map(({ folder }) => JSON.stringify(folder)).toSorted();
  const dropped = folders.slice(0, folders.length - kept.length).map(({ folder }) => oneLine(folder, 60));
  return `If gates and beads do not need ${dropped.join(', ')}, set rigs.${name}.sparse: [${setting.join(', ')}]; else name the folders that they need.`;
};

const largest = (files: readonly Sized[]): readonly string[] =>
  heaviestFirst(files)
    .slice(0, 5)
    .map((one) => `${oneLine(one.folder, 80)}: ${one.files.length} files, ${mib(bytesOf(one.files))}`);

/** Folders at the top with what is in them. Files there are in every worktree anyway. */
const heaviestFirst = (files: readonly Sized[]) => {
  const inFolders = files.filter(({ path }) => path.includes('/'));
  return [...Map.groupBy(inFolders, ({ path }) => path.slice(0, path.indexOf('/')))]
    .map(([folder, inside]) => ({ folder, files: inside }))
    .toSorted((a, b) => cost(b.files) - cost(a.files));
};

/** Share of what a worktree may have, so that many small files weigh too. */
const cost = (files: readonly Sized[]): number =>
  bytesOf(files) / largeRig.bytes + files.length / largeRig.files;

const isLarge = (files: readonly Sized[], most: typeof largeRig): boolean =>
  files.length > most.files || bytesOf(files) > most.bytes;

/** Whether the configuration takes it as a path. */
const isPlain = (folder: string): boolean => !/[\p{Cc}\p{Cf}\\:*?"<>|]/u.test(folder);

const bytesOf = (files: readonly Sized[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

const contentsOf = async ({ repo, signal }: Rig, commit: string): Promise<readonly Sized[]> => {
  const { stdout } = await gitBytes(['ls-tree', '-r', '-z', '--format=%(objectsize) %(path)', commit], {
    cwd: repo,
    signal,
    maxBytes: 512 * 2 ** 20,
  });
  return stdout
    .toString('utf8')
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => ({
      path: entry.slice(entry.indexOf(' ') + 1),
      bytes: Number.parseInt(entry, 10) || 0,
    }));
};

const mib = (bytes: number): string =>
  bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
