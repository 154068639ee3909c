import { copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clearDeadLock, lockIndex } from '../git/indexLock.ts';
import type { Bench } from './bench.ts';
import { type Move, type Obstacle, obstacleTo, plainlyDirty, type Tree, unfinished } from './obstacles.ts';

/**
 * Moves a checked-out branch with its index and work tree, or says what is in the way. Under git's own lock of the index,
 * so that no command of the person's runs between the look and the step; killed anywhere, the next call goes on (G5).
 */
export const forwardCheckout = async (
  bench: Bench,
  folder: string,
  move: Move,
): Promise<Obstacle | undefined> => {
  const tree = treeIn(bench, folder);
  const gitDir = await gitDirOf(tree);
  const underWay = await unfinished(gitDir);
  if (underWay !== undefined)
    return {
      what: `${move.branch} stays where it is while git has something unfinished in ${folder}.`,
      evidence: `${underWay} exists.`,
    };
  const dirty = await plainlyDirty(bench, folder, move, tree);
  if (dirty !== undefined) return dirty;
  await using lock = await lockIndex(gitDir);
  if (lock === undefined)
    return {
      what: `${move.branch} stays where it is while git works in ${folder}.`,
      evidence: `${join(gitDir, 'index.lock')} exists; if no git runs there, one was killed: remove that file.`,
    };
  const head = await tree(['symbolic-ref', '--quiet', 'HEAD'], { okExitCodes: [0, 1] });
  if (head.stdout.trim() !== `refs/heads/${move.branch}`)
    return { what: `${folder} was switched to another branch just now.`, evidence: head.stdout.trim() };

  const index = join(gitDir, 'gastown-index');
  try {
    await rm(`${index}.lock`, { force: true });
    await copyFile(join(gitDir, 'index'), index);
    const inIndex = treeIn(bench, folder, index);
    const obstacle = await obstacleTo(bench, folder, move, inIndex);
    if (obstacle !== undefined) return obstacle;
    return await step({ ...move, index, gitDir }, inIndex);
  } finally {
    await rm(index, { force: true });
  }
};

/** What a forward that was killed at its very end left behind: the branch has moved, and git's lock is still there. */
export const clearCheckout = async (bench: Bench, folder: string): Promise<void> =>
  clearDeadLock(await gitDirOf(treeIn(bench, folder)));

const gitDirOf = async (tree: Tree): Promise<string> =>
  (await tree(['rev-parse', '--absolute-git-dir'])).stdout.trim();

/** git in the person's folder: their configuration says how files look; nothing is locked only to look. */
const treeIn =
  (bench: Bench, cwd: string, index?: string): Tree =>
  (args, options = {}) =>
    bench.transport(args, {
      cwd,
      ...options,
      env: { GIT_OPTIONAL_LOCKS: '0', ...(index === undefined ? {} : { GIT_INDEX_FILE: index }) },
    });

/** Files and index first, the branch last: what a kill leaves in between is told from the person's own changes. */
const step = async (
  { branch, from, to, index, gitDir }: Move & { readonly index: string; readonly gitDir: string },
  tree: Tree,
): Promise<Obstacle | undefined> => {
  const read = await tree(['read-tree', '-m', '-u', from, to], { okExitCodes: [0, 1, 128] });
  if (read.exitCode !== 0)
    return { what: `git could not bring the files of ${branch} along.`, evidence: read.stderr.trim() };
  await rename(index, join(gitDir, 'index'));
  const args = ['update-ref', '-m', 'gastown: fast-forward', `refs/heads/${branch}`, to, from];
  const moved = await tree(args, { okExitCodes: [0, 1, 128] });
  if (moved.exitCode === 0) return;
  // Git's own merge gives the index free before it moves the branch: the person has done the same at the same moment.
  const there = await tree(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], {
    okExitCodes: [0, 1],
  });
  if (there.stdout.trim() === to) return;
  // Somebody moved the branch without a look at its files: they are given back as they were.
  await copyFile(join(gitDir, 'index'), index);
  await tree(['read-tree', '-m', '-u', to, from]);
  await rename(index, join(gitDir, 'index'));
  return { what: `${branch} moved just now.`, evidence: moved.stderr.trim() };
};
