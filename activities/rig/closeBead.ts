import { Context } from '@temporalio/activity';
import { type BeadRef, beadKey, gitRef } from '../../workflows/domain/naming.ts';
import type { CloseBead } from '../../workflows/ports.ts';
import { moveRefs, type RefChange, readRefs } from '../git/refs.ts';
import { removeWorktree } from '../git/worktree.ts';
import { removeLive } from '../live/live.ts';
import type { Rig } from './index.ts';
import { lastLook } from './lastLook.ts';

/**
 * Removes the worktree and, unless a later run is to go on with them, the branch and the record of its base. Tells what was
 * not as the bead should have left it; that is kept or ended, and stands in the history and the worker's log.
 */
export const closeBead = async (rig: Rig, request: CloseBead): Promise<readonly string[]> => {
  const { home, repo, signal, settings } = rig;
  const { bead, keep } = request;
  countEnd(rig, request);
  const { caches, sparse } = settings;
  const odd = await lastLook({ repo, home, rig: request.rig, caches, sparse, signal }, bead);
  if (odd.length > 0)
    Context.current().log.warn('a bead left something behind', { bead: beadKey(bead), odd });
  const branch = gitRef.bead(bead);
  const base = gitRef.base(bead);
  await removeWorktree(repo, home.worktree(request.rig, bead));
  await removeLive(home, bead);
  if (keep === 'branch') return odd;
  const kept = keep === 'ref' ? await keptWork(repo, branch, base, bead, signal) : [];
  // Without an old value: a ref that is gone already is no failure, and nobody else moves these.
  await moveRefs(repo, [...kept, { ref: branch, to: undefined }, { ref: base, to: undefined }], signal);
  return odd;
};

/** What a bead ended with is told by its first try to close, which is made once. Whoever has a commit was counted as it landed. */
const countEnd = ({ counts, settings: { name: rig } }: Rig, { ended }: CloseBead): void => {
  if (ended === undefined || Context.current().info.attempt > 1) return;
  if (ended.state === 'cancelled') counts?.add('beadsCancelled', { rig });
  else if (ended.state !== 'landed') counts?.add('beadsBlocked', { rig, reason: ended.failure ?? 'other' });
  else if (!ended.hasCommit) counts?.add('beadsLanded', { rig });
};

const keptWork = async (
  repo: string,
  branch: string,
  base: string,
  bead: BeadRef,
  signal: AbortSignal,
): Promise<RefChange[]> => {
  const refs = await readRefs(repo, [branch, base], signal);
  const head = refs.get(branch);
  if (head === undefined || head === refs.get(base)) return [];
  return [{ ref: gitRef.kept(bead, `closed-${head.slice(0, 12)}`), to: head }];
};
