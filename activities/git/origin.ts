import { inTurn } from './mutex.ts';
import { clearObstacles } from './obstacle.ts';
import { git, gitFailed } from './run.ts';

/** Fetches all branches of the rig's source into `refs/remotes/origin/`, never anything into the town's own branches. */
export const fetchOrigin = (repo: string, signal?: AbortSignal): Promise<void> =>
  inTurn(`fetch ${repo}`, async () => {
    const refspec = '+refs/heads/*:refs/remotes/origin/*';
    const args = [
      'fetch',
      '--quiet',
      '--prune',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-auto-maintenance',
      'origin',
    ];
    const run = () =>
      git([...args, refspec], { cwd: repo, profile: 'transport', ...(signal ? { signal } : {}) });
    const fetched = await run().catch(async (error: unknown) => {
      signal?.throwIfAborted();
      if (!(error instanceof Error) || !inTheWay.test(error.message)) throw error;
      // A fetch that was killed, or one beside this. The user's profile clears nothing by itself, since it also works in other repositories.
      await clearObstacles(repo);
      return run();
    });
    // Of a shallow source git only warns, and fetches nothing.
    if (/shallow roots are not allowed/.test(fetched.stderr)) throw gitFailed(args, { cwd: repo }, fetched);
  });

const inTheWay = /\.lock': File exists|\/commondir|cannot lock ref|unable to update local ref/;
