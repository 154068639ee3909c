import type { ApplicationFailure } from '@temporalio/common';
import { townBranch } from '../../workflows/domain/naming.ts';
import { fail } from '../failure.ts';
import { type GitResult, git, gitEvidence, gitFailed } from '../git/run.ts';
import type { Rig } from './index.ts';
import { shellWord } from './shellWord.ts';
import type { Source } from './source.ts';
import { unusable } from './unusable.ts';

/** Which branch the town moves, and what to do to take it over. */
export interface Landing {
  readonly target: string;
  /** The person's branch that `target` follows; undefined when they are the same. */
  readonly upstream: string | undefined;
  readonly takeOver: string | undefined;
}

/** The branch to land on by the rig's land mode. `remote`: the source's branches, as `refs/remotes/origin/…`. */
export const chooseLanding = async (
  rig: Rig,
  source: Source,
  remote: ReadonlyMap<string, string>,
): Promise<Landing> => {
  const { branch, land, source: from } = rig.settings;
  if (land.mode === 'local') {
    const ref = `refs/heads/${branch}`;
    const takeOver = source.isPath
      ? `git -C ${shellWord(source.checkedOut.get(branch) ?? from)} pull --ff-only ${shellWord(rig.repo)} ${ref}`
      : `git pull --ff-only ${shellWord(rig.repo)} ${ref}`;
    return { target: branch, upstream: undefined, takeOver };
  }
  const own = land.mode === 'branch' ? land.branch : townBranch(branch);
  const separate = land.mode === 'branch' ? own !== branch : await needsTownBranch(rig, source, remote, own);
  if (!separate) {
    const folder = source.checkedOut.get(branch);
    if (folder !== undefined) throw inTheWay(rig, branch, folder);
    await tryPush(rig, branch, remote.get(`refs/remotes/origin/${branch}`) as string);
    return { target: branch, upstream: undefined, takeOver: undefined };
  }
  const folder = source.checkedOut.get(own);
  if (folder !== undefined) throw inTheWay(rig, own, folder);
  return { target: own, upstream: branch, takeOver: takeOverOf(rig, source, own) };
};

/** A branch that a person has checked out cannot be pushed to; and once the town's branch is ahead, it stays the target. */
const needsTownBranch = async (
  rig: Rig,
  source: Source,
  remote: ReadonlyMap<string, string>,
  own: string,
): Promise<boolean> => {
  const { branch } = rig.settings;
  if (!source.isPath) return false;
  if (source.checkedOut.has(branch)) return true;
  const ours = remote.get(`refs/remotes/origin/${own}`);
  const theirs = remote.get(`refs/remotes/origin/${branch}`);
  if (ours === undefined || theirs === undefined) return false;
  const args = ['merge-base', '--is-ancestor', ours, theirs];
  const { exitCode } = await git(args, { cwd: rig.repo, okExitCodes: [0, 1], signal: rig.signal });
  return exitCode === 1;
};

const takeOverOf = ({ settings: { branch, source: from } }: Rig, source: Source, own: string): string => {
  const folder = source.checkedOut.get(branch);
  if (folder !== undefined) return `git -C ${shellWord(folder)} merge --ff-only ${own}`;
  if (source.isPath) return `git -C ${shellWord(from)} fetch . ${own}:${branch}`;
  return `git fetch origin && git push origin origin/${own}:${branch}`;
};

/** Finds out at launch, not at the first landing, that nobody may push here. */
const tryPush = async (rig: Rig, branch: string, tip: string): Promise<void> => {
  const args = ['push', '--dry-run', '--porcelain', 'origin', `${tip}:refs/heads/${branch}`];
  const cwd = rig.repo;
  const pushed = await git(args, { cwd, profile: 'transport', okExitCodes: [0, 1, 128], signal: rig.signal });
  // Somebody pushed since the fetch: that they can is not our question, and the queue reads the tip again.
  if (pushed.exitCode === 0 || /\((non-fast-forward|fetch first)\)/.test(pushed.stdout)) return;
  throw pushFailed(rig, branch, args, pushed);
};

/** `PushRefused`, with the way out, when the remote answered no; `GitFailed`, to be tried again, when it did not answer. */
export const pushFailed = (
  rig: Rig,
  branch: string,
  args: readonly string[],
  pushed: GitResult,
): ApplicationFailure => {
  const own = townBranch(rig.settings.branch);
  // The rejected lines are on stdout, the reasons of the server on stderr.
  const said = { exitCode: pushed.exitCode, stderr: `${pushed.stdout}${pushed.stderr}` };
  const answered = pushed.exitCode === 1 || refusals.test(pushed.stderr);
  if (!answered) return gitFailed(args, { cwd: rig.repo }, said);
  return fail('PushRefused', {
    what: `Rig ${rig.settings.name}: the town may not push to ${branch}.`,
    evidence: gitEvidence(args, { cwd: rig.repo }, said),
    next:
      branch === own
        ? 'Give the user that runs the town the right to push this branch, or set `land: local` for this rig.'
        : `Give the user that runs the town the right to push, or set \`land: branch:${own}\` for this rig: the town then keeps a green branch of its own that you merge.`,
  });
};

const refusals =
  /denied|not permitted|read.only|protected|not allowed|not enabled|authentication failed|could not read (username|password)|returned error: 40[13]/i;

const inTheWay = (rig: Rig, branch: string, folder: string) =>
  unusable(
    rig,
    `branch ${branch}, on which the town lands, is checked out in ${folder}.`,
    `git worktree list --porcelain in ${rig.settings.source}`,
    `Check out another branch there: git -C ${shellWord(folder)} switch ${branch === rig.settings.branch ? '--detach' : rig.settings.branch}`,
  );
