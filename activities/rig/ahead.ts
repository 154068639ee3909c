import { git, gitLine } from '../git/run.ts';
import type { Rig } from './index.ts';

/** Where a head left a tip, and how many commits it has beyond it; undefined where they have none in common. */
export const aheadOf = async (
  { repo, signal }: Rig,
  tip: string,
  head: string,
): Promise<{ readonly base: string; readonly commits: number } | undefined> => {
  const options = { cwd: repo, signal };
  const shared = await git(['merge-base', tip, head], { ...options, okExitCodes: [0, 1] });
  const base = shared.stdout.trim();
  if (base === '') return;
  return { base, commits: Number(await gitLine(['rev-list', '--count', `${tip}..${head}`], options)) };
};
