import { gitRef, parseBeadKey } from '../../workflows/domain/naming.ts';
import type { OpenDirect, OpenedDirect } from '../../workflows/ports.ts';
import { moveRefs } from '../git/refs.ts';
import { takeAttributes } from '../refinery/attributes.ts';
import { type Bench, benchAt, isAncestor } from '../refinery/bench.ts';
import { findLanded } from '../refinery/onTarget.ts';
import { readTips } from '../refinery/tips.ts';
import { aheadOf } from './ahead.ts';
import { groundOf } from './directGround.ts';
import { beadToLand, branchToLand, revertToLand, type ToLand } from './directWork.ts';
import type { Rig } from './index.ts';
import { unusable } from './unusable.ts';

/** Finds what a person lands directly, where it goes, and what speaks against it. Only looked at, it keeps nothing. */
export const openDirect = async (rig: Rig, request: OpenDirect): Promise<OpenedDirect> => {
  const work = await workOf(rig, request);
  const { target, upstream, head, title, taskRef } = work;
  const bench = benchAt(rig.settings, rig.repo, rig.signal);
  const tips = await readTips(bench, { rig: rig.settings.name, target, upstream });
  const tip = tips.target ?? tips.upstream ?? work.tip;
  if (tip === undefined) throw noTarget(rig, target);
  await takeAttributes(bench, tip);
  const ahead = await aheadOf(rig, tip, head);
  if (ahead === undefined) throw unrelated(rig, target, head, tip);
  const opened = { target, upstream, head, title, taskRef, ...ahead };
  const landed = await landedAs(bench, request, opened, tip);
  if (landed !== undefined) return { ...opened, tip, how: 'merge', landed };
  if (request.of.kind !== 'bead' && request.look !== true)
    await moveRefs(rig.repo, [{ ref: gitRef.submission(request.name), to: head }], rig.signal);
  return { ...opened, ...(await groundOf(rig, bench, { ...work, tip })) };
};

const workOf = async (rig: Rig, request: OpenDirect): Promise<ToLand> => {
  const { of } = request;
  switch (of.kind) {
    case 'bead':
      return await beadToLand(rig, request, of.bead);
    case 'branch':
      return await branchToLand(rig, request, of.branch);
    case 'revert':
      return await revertToLand(rig, request, of.commit);
  }
};

/** The commit with which it is on the target already; '' where the target has all of it. */
const landedAs = async (
  bench: Bench,
  { of }: OpenDirect,
  { base, head, taskRef }: Pick<OpenedDirect, 'base' | 'head' | 'taskRef'>,
  tip: string,
): Promise<string | undefined> => {
  if (of.kind !== 'bead') return (await isAncestor(bench, head, tip)) ? '' : undefined;
  if (parseBeadKey(of.bead) === undefined) return;
  const asSubmission = {
    ...{ bead: of.bead, attempt: 0, head, base, title: '', taskRef, polecat: '', model: '' },
    ...{ gateHash: '', workflowId: '' },
  };
  return (await findLanded(bench, tip, [asSubmission])).get(of.bead);
};

const noTarget = (rig: Rig, target: string) =>
  unusable(
    rig,
    `there is no branch ${target} to land on.`,
    `refs/heads/${target} is neither where the source is nor in ${rig.repo}`,
    'Push the branch again, or name another one with --target.',
  );

const unrelated = (rig: Rig, target: string, head: string, tip: string) =>
  unusable(
    rig,
    `${head.slice(0, 12)} and ${target} have no commit in common, so they cannot be merged.`,
    `git merge-base ${tip} ${head} in ${rig.repo}: none`,
    'Make the change on the target.',
  );
