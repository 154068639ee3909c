import { clip } from '../../workflows/domain/failure.ts';
import type { DirectGround } from '../../workflows/domain/queue/direct.ts';
import { git } from '../git/run.ts';
import { sparseFlags } from '../git/sparse.ts';
import { type Bench, isAncestor } from '../refinery/bench.ts';
import { conflictEvidence, conflictFailure } from '../refinery/conflict.ts';
import { mergeTree } from '../refinery/mergeTree.ts';
import type { ToLand } from './directWork.ts';
import type { Rig } from './index.ts';

/** How work stands to the tip, and what of it no commit holds. */
export const groundOf = async (
  rig: Rig,
  bench: Bench,
  work: ToLand & { readonly tip: string },
): Promise<DirectGround & { readonly evidenceRef?: string }> => {
  const { tip, head, target } = work;
  const dirty = await dirtIn(rig, work.folder);
  const ground = { tip, ...(dirty === undefined ? {} : { dirty }) };
  if (await isAncestor(bench, tip, head)) return { ...ground, how: 'fastForward' };
  const merged = await mergeTree(bench, tip, head);
  if (merged.clean) return { ...ground, how: 'merge' };
  const evidenceRef = await conflictEvidence(bench, rig.blobs, merged);
  const told = conflictFailure(
    bench,
    `${head.slice(0, 12)} does not merge with ${target} at ${tip.slice(0, 12)}`,
    merged,
    `git merge-tree --write-tree ${tip} ${head}`,
    'Merge or rebase it onto the target, and land it again; nothing overrides a conflict.',
  );
  // Both sides, as git marks them.
  const hunks = await rig.blobs.get(evidenceRef);
  const conflict = { ...told, evidence: clip(`${told.evidence}\n${hunks}`) };
  return { ...ground, how: 'conflict', conflict, evidenceRef };
};

/** Paths that are told by name. */
const mostPaths = 20;

const dirtIn = async (
  { settings, signal }: Rig,
  folder: ToLand['folder'],
): Promise<DirectGround['dirty']> => {
  if (folder === undefined) return;
  const { path, admin } = folder;
  // A polecat's is bound to what the town knows of it: its `.git` file lies where gates write (G9).
  const bound: Record<string, string> = admin === undefined ? {} : { GIT_DIR: admin, GIT_WORK_TREE: path };
  const own = admin === undefined ? [] : settings.caches.map((cache) => `:(exclude,top,literal)${cache}`);
  const { stdout } = await git(
    [
      ...(admin === undefined ? [] : sparseFlags(settings.sparse)),
      ...['status', '--porcelain', '-z', '--no-renames', '--', '.', ...own],
    ],
    {
      ...{ cwd: path, signal, env: { ...bound, GIT_OPTIONAL_LOCKS: '0' } },
      // A person's configuration says what they ignore.
      ...(admin === undefined ? { profile: 'transport' as const } : {}),
    },
  );
  const paths = stdout.split('\0').flatMap((entry) => (entry.length > 3 ? [entry.slice(3)] : []));
  return paths.length === 0
    ? undefined
    : { folder: path, paths: paths.slice(0, mostPaths), count: paths.length };
};
