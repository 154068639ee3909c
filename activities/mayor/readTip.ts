import { townBranch } from '../../workflows/domain/naming.ts';
import { inTurn } from '../git/mutex.ts';
import { readRefs } from '../git/refs.ts';
import { git } from '../git/run.ts';
import { checkContents, fetchSource } from '../rig/contents.ts';
import type { Rig } from '../rig/index.ts';
import { ensureRepository } from '../rig/repository.ts';
import { checkGit, checkSource } from '../rig/source.ts';
import { unusable } from '../rig/unusable.ts';

/** The commit that a convoy launched now would begin at. Makes nothing at the source and claims no name: a plan only looks. */
export const readTip = (rig: Rig): Promise<string> =>
  inTurn(`open ${rig.repo}`, async () => {
    await checkGit(rig);
    await checkSource(rig);
    await ensureRepository(rig);
    await fetchSource(rig);
    const tip = await newestOf(rig);
    await checkContents(rig, tip);
    return tip;
  });

/** The town's own branch once it is ahead of the person's, else the person's. */
const newestOf = async (rig: Rig): Promise<string> => {
  const { repo, signal, settings } = rig;
  const { branch, land } = settings;
  const theirs = `refs/remotes/origin/${branch}`;
  const ours =
    land.mode === 'local'
      ? `refs/heads/${branch}`
      : `refs/remotes/origin/${land.mode === 'branch' ? land.branch : townBranch(branch)}`;
  const refs = await readRefs(repo, [theirs, ours], signal);
  const [their, our] = [refs.get(theirs), refs.get(ours)];
  if (their === undefined) {
    throw unusable(
      rig,
      `it has no branch ${branch}.`,
      `${theirs} does not exist in ${repo} after a fetch.`,
      `Push the branch ${branch}, or correct rigs.${settings.name}.branch in gastown.yaml.`,
    );
  }
  if (our === undefined) return their;
  const args = ['merge-base', '--is-ancestor', their, our];
  const { exitCode } = await git(args, { cwd: repo, okExitCodes: [0, 1], signal });
  return exitCode === 0 ? our : their;
};
