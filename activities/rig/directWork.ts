import { access } from 'node:fs/promises';
import { type BeadRef, gitRef, parseBeadKey, townBranch } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { OpenDirect } from '../../workflows/ports.ts';
import { readCommit, writeCommit } from '../git/commit.ts';
import { readRefs } from '../git/refs.ts';
import { gitLine } from '../git/run.ts';
import { adminFolder } from '../git/worktree.ts';
import type { Rig } from './index.ts';
import type { Landing } from './landing.ts';
import { openSubmission, readBranch } from './openSubmission.ts';
import { unusable } from './unusable.ts';

/** What is to land, before it is held against the target. */
export interface ToLand {
  readonly target: string;
  readonly upstream: string | undefined;
  readonly head: string;
  readonly title: string;
  readonly taskRef: string;
  /** Where the target begins, when it is still to be made. */
  readonly tip: string | undefined;
  /** Where it was made: a polecat's work tree, bound to its registration, or a person's folder. */
  readonly folder: { readonly path: string; readonly admin: string | undefined } | undefined;
}

/** A bead's branch, as its polecat left it. */
export const beadToLand = async (rig: Rig, request: OpenDirect, key: string): Promise<ToLand> => {
  const { target, upstream, title, taskRef } = request;
  const ref = parseBeadKey(key);
  if (ref === undefined) throw noWork(rig, key, '');
  const branch = gitRef.bead(ref);
  const head = (await readRefs(rig.repo, [branch], rig.signal)).get(branch) ?? (await putAside(rig, ref));
  if (head === undefined) throw noWork(rig, key, branch);
  const path = rig.home.worktree(rig.settings.name, ref);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  const admin = isThere ? await adminFolder(rig.repo, path) : undefined;
  return {
    ...{ target: target ?? rig.settings.branch, upstream, head, tip: undefined },
    ...{ title: oneLine(title ?? key, 100), taskRef: taskRef ?? '' },
    folder: admin === undefined ? undefined : { path, admin },
  };
};

/** A bead that ended without landing has no branch any more; its work is under a ref. */
const putAside = async ({ repo, signal }: Rig, ref: BeadRef): Promise<string | undefined> => {
  const args = ['for-each-ref', '--sort=-committerdate', '--count=1', '--format=%(objectname)'];
  const found = await gitLine([...args, `${gitRef.kept(ref, 'closed-')}*`], { cwd: repo, signal });
  return found === '' ? undefined : found;
};

/** A branch of the person's own, fetched. */
export const branchToLand = async (rig: Rig, request: OpenDirect, branch: string): Promise<ToLand> => {
  const asked = {
    ...{ rig: rig.settings.name, branch, name: request.name },
    ...{ target: ownTarget(rig, request.target), title: request.title },
  };
  const found = await readBranch(rig, asked);
  // A town's branch that is still to be made is made now, unless it is only looked at.
  if (request.look !== true) await openSubmission(rig, asked);
  const path = found.checkedOut.get(branch);
  return {
    ...{ ...targetOf(found.landing), head: found.head, tip: found.tip, title: found.title },
    taskRef: found.taskRef,
    folder: path === undefined ? undefined : { path, admin: undefined },
  };
};

/**
 * What takes a landing back: a commit on top of it with the tree from before it. Merged with the target, that undoes exactly what the
 * landing changed, whatever has landed since.
 */
export const revertToLand = async (rig: Rig, request: OpenDirect, name: string): Promise<ToLand> => {
  const { repo, signal } = rig;
  const onto = ownTarget(rig, request.target) ?? rig.settings.branch;
  const { landing, tip } = await readBranch(rig, {
    ...{ rig: rig.settings.name, branch: onto, name: request.name },
    ...{ target: onto, title: undefined, itself: true },
  });
  const commit = /^[0-9a-f]{7,64}$/.test(name) ? await readCommit(repo, name, signal) : undefined;
  const [before] = commit?.parents ?? [];
  const old = before === undefined ? undefined : await readCommit(repo, before, signal);
  if (commit === undefined || old === undefined) throw noCommit(rig, name);
  const [subject = ''] = commit.message.split('\n');
  const title = oneLine(request.title ?? `Revert "${subject}"`, 100);
  const message = `${title}\n\nThis takes back ${commit.commit}.\n`;
  const head = await writeCommit(
    repo,
    { tree: old.tree, parents: [commit.commit], message, seconds: commit.seconds },
    signal,
  );
  const taskRef = await rig.blobs.put(`The revert of ${commit.commit} in rig ${rig.settings.name}.\n`);
  return { ...targetOf(landing), head, tip, title, taskRef, folder: undefined };
};

const targetOf = ({ target, upstream }: Landing) => ({ target, upstream });

/** A person may name the branch that the town lands on, or the one of theirs behind it. */
const ownTarget = ({ settings }: Rig, target: string | undefined): string | undefined => {
  if (target === undefined) return;
  if (settings.land.mode === 'branch' && target === settings.land.branch) return settings.branch;
  return target.startsWith(townBranch('')) ? target.slice(townBranch('').length) : target;
};

const noWork = (rig: Rig, key: string, branch: string) =>
  unusable(
    rig,
    `the bead ${oneLine(key, 124)} has no branch.`,
    `${branch} does not exist in ${rig.repo}, and nothing of it was put aside`,
    `It has not begun, has landed, or has changed nothing: \`gt bead show ${oneLine(key, 124)}\`.`,
  );

const noCommit = (rig: Rig, name: string) =>
  unusable(
    rig,
    `there is no commit ${oneLine(name, 64)} that could be taken back.`,
    `git rev-parse ${oneLine(name, 64)}^1 in ${rig.repo}: none`,
    'Name the commit of a landing: git log --first-parent shows them.',
  );
