import { access } from 'node:fs/promises';
import { clearObstacles } from '../git/obstacle.ts';
import type { Home } from '../home.ts';

/** Clears what killed processes left in a rig's repository: dead locks, half-made worktrees. For the start of a town. */
export const sweepRig = async (home: Home, rig: string): Promise<void> => {
  const repo = home.repo(rig);
  const exists = await access(repo).then(
    () => true,
    () => false,
  );
  if (exists) await clearObstacles(repo);
};
