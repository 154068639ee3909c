import { inTurn } from './mutex.ts';
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
      git([...args, refspec], { cwd: repo, own: repo, profile: 'transport', ...(signal ? { signal } : {}) });
    const fetched = await run().catch(async (error: unknown) => {
      signal?.throwIfAborted();
      if (!(error instanceof Error) || !beside.test(error.message)) throw error;
      return run();
    });
    // Of a shallow source git only warns, and fetches nothing.
    if (/shallow roots are not allowed/.test(fetched.stderr)) throw gitFailed(args, { cwd: repo }, fetched);
  });

/** Another fetch, or a landing, moved a branch at the same moment. */
const beside = /cannot lock ref|unable to update local ref/;
