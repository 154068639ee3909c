import { gitRef, townBranch } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { OpenedSubmission, OpenSubmission } from '../../workflows/ports.ts';
import { inTurn } from '../git/mutex.ts';
import { moveRefs, readRefs } from '../git/refs.ts';
import { git, gitLine } from '../git/run.ts';
import { aheadOf } from './ahead.ts';
import { checkContents, fetchSource } from './contents.ts';
import type { Rig } from './index.ts';
import { chooseLanding, type Landing } from './landing.ts';
import { ensureRepository } from './repository.ts';
import { shellWord } from './shellWord.ts';
import { checkGit, checkSource } from './source.ts';
import { ensureTarget } from './target.ts';
import { unusable } from './unusable.ts';

/** Fetches a person's branch into the rig and keeps its commit under a ref of its own, for the Refinery to compose. */
export const openSubmission = (rig: Rig, request: OpenSubmission): Promise<OpenedSubmission> =>
  inTurn(`open ${rig.repo}`, async () => {
    const { branch } = request;
    const { head, landing, title, taskRef } = await branchIn(rig, request);
    const tip = await ensureTarget(rig, landing);
    const ahead = await aheadOf(rig, tip, head);
    if (ahead === undefined) throw unrelated(rig, branch, landing.target);
    await moveRefs(rig.repo, [{ ref: gitRef.submission(request.name), to: head }], rig.signal);
    const { target, upstream } = landing;
    return { target, upstream, head, title, taskRef, ...ahead };
  });

/** A person's branch as it is fetched, and where it would land. */
export interface FoundBranch {
  readonly head: string;
  readonly landing: Landing;
  /** Where the target is, or begins, by what was fetched. */
  readonly tip: string | undefined;
  readonly title: string;
  readonly taskRef: string;
  /** Branch → the folder of the person's that has it checked out. */
  readonly checkedOut: ReadonlyMap<string, string>;
}

/** The same without keeping anything of it. `itself`: it is the target that is asked about. */
export const readBranch = (
  rig: Rig,
  request: OpenSubmission & { readonly itself?: boolean },
): Promise<FoundBranch> => inTurn(`open ${rig.repo}`, () => branchIn(rig, request));

const branchIn = async (
  rig: Rig,
  request: OpenSubmission & { readonly itself?: boolean },
): Promise<FoundBranch> => {
  const { settings, repo, signal } = rig;
  const { branch, target: onto = settings.branch } = request;
  await checkGit(rig);
  const source = await checkSource(rig);
  await ensureRepository(rig);
  await fetchSource(rig);
  const names = [branch, onto, townBranch(onto), ...landBranch(rig)].map(remoteRef);
  const remote = await readRefs(repo, names, signal);
  const head = remote.get(remoteRef(branch));
  if (request.itself !== true) checkNames(rig, request, onto, remote);
  if (head === undefined) throw noBranch(rig, branch, await branchesOf(rig));
  await checkContents(rig, head);

  // Only which branch is landed on is asked of it; all else of the rig is as configured.
  const landing = await chooseLanding({ ...rig, settings: { ...settings, branch: onto } }, source, remote);
  const subject = await gitLine(['log', '-1', '--format=%s', head], { cwd: repo, signal });
  return {
    ...{ head, landing, checkedOut: source.checkedOut },
    tip: remote.get(remoteRef(landing.target)) ?? remote.get(remoteRef(onto)),
    title: oneLine(request.title ?? `${branch}: ${subject}`, 100),
    taskRef: await rig.blobs.put(`Branch ${branch} of rig ${settings.name}, commit ${head}.\n`),
  };
};

/** Forgets a submission. Its commits are the person's, and in their repository. */
export const closeSubmission = async ({ repo, signal }: Rig, name: string): Promise<void> =>
  moveRefs(repo, [{ ref: gitRef.submission(name), to: undefined }], signal);

const remoteRef = (branch: string): string => `refs/remotes/origin/${branch}`;

const landBranch = ({ settings: { land } }: Rig): string[] => (land.mode === 'branch' ? [land.branch] : []);

const branchesOf = async ({ repo, signal }: Rig): Promise<string[]> => {
  const args = ['for-each-ref', '--sort=-committerdate', '--format=%(refname:lstrip=3)', remoteRef('')];
  const { stdout } = await git(args, { cwd: repo, signal });
  return stdout.split('\n').filter((name) => name !== '');
};

const checkNames = (
  rig: Rig,
  { branch }: OpenSubmission,
  onto: string,
  remote: ReadonlyMap<string, string>,
): void => {
  const { settings } = rig;
  if (branch === onto || branch === townBranch(onto))
    throw unusable(
      rig,
      `${branch} cannot be submitted to itself.`,
      `branch ${branch}, target ${onto}`,
      branch === onto
        ? `Commits on ${onto} need no submission: the queue takes them in with its next group. Submit another branch, or name another target with --target.`
        : 'Submit a branch of your own.',
    );
  if (onto !== settings.branch && settings.land.mode === 'branch')
    throw unusable(
      rig,
      `it lands on ${settings.land.branch}, which belongs to ${settings.branch} and not to ${onto}.`,
      `land: branch:${settings.land.branch} in gastown.yaml`,
      'Leave --target out, or change `land` of the rig.',
    );
  if (!remote.has(remoteRef(onto)))
    throw unusable(
      rig,
      `${settings.source} has no branch ${onto} to land on.`,
      `--target ${onto}`,
      'Name a branch that is there.',
    );
};

const noBranch = (rig: Rig, branch: string, branches: readonly string[]) => {
  const shown = branches.filter((name) => !/^(gt|gastown)\//.test(name)).slice(0, 15);
  return unusable(
    rig,
    `${rig.settings.source} has no branch ${branch}.`,
    `its branches, newest first: ${shown.map((name) => oneLine(name, 100)).join(', ') || 'none'}`,
    rig.settings.source.startsWith('/')
      ? `Name one of these, or make it: git -C ${shellWord(rig.settings.source)} branch ${shellWord(branch)}`
      : `Push it there first: git push origin ${shellWord(branch)}`,
  );
};

const unrelated = (rig: Rig, branch: string, target: string) =>
  unusable(
    rig,
    `${branch} and ${target} have no commit in common, so they cannot be merged.`,
    `git merge-base ${target} ${branch} in ${rig.repo}: none`,
    `Make the branch on ${target}: git rebase --onto ${target} --root ${shellWord(branch)}`,
  );
