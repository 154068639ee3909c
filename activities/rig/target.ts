import { gitRef } from '../../workflows/domain/naming.ts';
import { fetchOrigin } from '../git/origin.ts';
import { moveRefs, readRefs } from '../git/refs.ts';
import { git } from '../git/run.ts';
import type { Rig } from './index.ts';
import { type Landing, pushFailed } from './landing.ts';
import { unusable } from './unusable.ts';

/** Ensures that the target branch exists where it is true, and the town's memory of its tip; gives that tip. */
export const ensureTarget = async (rig: Rig, landing: Landing): Promise<string> => {
  const { repo, signal } = rig;
  const truth = await (rig.settings.land.mode === 'local' ? ensureLocal : ensureRemote)(rig, landing);
  const memory = gitRef.target(landing.target);
  for (let attempt = 0; attempt < 3; attempt++) {
    const known = (await readRefs(repo, [memory], signal)).get(memory);
    if (known === truth || (known !== undefined && !(await isAncestor(rig, known, truth)))) {
      // The Refinery landed since we looked, or somebody rewrote the branch: both are the queue's to judge.
      return known;
    }
    try {
      await moveRefs(repo, [{ ref: memory, to: truth, was: known ?? null }], signal);
      return truth;
    } catch {
      signal.throwIfAborted();
    }
  }
  return truth;
};

/** In land mode `local` the town's own copy has the branch. */
const ensureLocal = async (rig: Rig, { target }: Landing): Promise<string> => {
  const branch = `refs/heads/${target}`;
  const origin = `refs/remotes/origin/${target}`;
  const refs = await readRefs(rig.repo, [branch, origin], rig.signal);
  const present = refs.get(branch);
  if (present !== undefined) return present;
  const tip = refs.get(origin);
  if (tip === undefined) throw gone(rig, target);
  await moveRefs(rig.repo, [{ ref: branch, to: tip, was: null }], rig.signal);
  return tip;
};

/** The town's own branch begins at the person's. Making it also proves that the town may push there. */
const ensureRemote = async (rig: Rig, { target, upstream }: Landing): Promise<string> => {
  const { repo, signal } = rig;
  const names = [target, upstream ?? target].map((name) => `refs/remotes/origin/${name}`) as [string, string];
  const refs = await readRefs(repo, names, signal);
  const present = refs.get(names[0]);
  if (present !== undefined) return present;
  const tip = refs.get(names[1]);
  if (tip === undefined) throw gone(rig, upstream ?? target);
  // The lease on nothing: who made the branch in between wins.
  const ref = `refs/heads/${target}`;
  const args = ['push', '--porcelain', `--force-with-lease=${ref}:`, 'origin', `${tip}:${ref}`];
  const pushed = await git(args, { cwd: repo, profile: 'transport', okExitCodes: [0, 1, 128], signal });
  await fetchOrigin(repo, signal);
  const made = (await readRefs(repo, [names[0]], signal)).get(names[0]);
  if (made !== undefined) return made;
  throw pushFailed(rig, target, args, pushed);
};

const isAncestor = async ({ repo, signal }: Rig, older: string, newer: string): Promise<boolean> => {
  const args = ['merge-base', '--is-ancestor', older, newer];
  return (await git(args, { cwd: repo, okExitCodes: [0, 1], signal })).exitCode === 0;
};

const gone = (rig: Rig, branch: string) =>
  unusable(
    rig,
    `branch ${branch} disappeared while the rig was opened.`,
    `refs/remotes/origin/${branch} does not exist in ${rig.repo}.`,
    'Push the branch again and launch the convoy again.',
  );
