import { access } from 'node:fs/promises';
import { inTurn } from '../git/mutex.ts';
import { clearObstacles } from '../git/obstacle.ts';
import { git } from '../git/run.ts';
import type { Home } from '../home.ts';

/** Clears what killed processes left in a rig's repository: dead locks, half-made worktrees. For the start of a town. */
export const sweepRig = async (home: Home, rig: string): Promise<void> => {
  const repo = home.repo(rig);
  try {
    await access(repo);
  } catch {
    return;
  }
  await clearObstacles(repo);
  await inTurn(`worktrees ${repo}`, () => git(['worktree', 'prune', '--expire=now'], { cwd: repo }));
};
