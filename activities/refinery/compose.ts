import { type Submission, submissionIdOf } from '../../workflows/domain/queue/submission.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { ComposedGroup, ComposeGroup, RefineryTarget } from '../../workflows/ports.ts';
import { failure } from '../failure.ts';
import { gateHash as gateHashOf } from '../gates/index.ts';
import type { CommitFacts } from '../git/commitObject.ts';
import { takeAttributes } from './attributes.ts';
import { type Bench, isAncestor, type RefineryDeps } from './bench.ts';
import { chainOn } from './chain.ts';
import { commitGroup, groupIdOf } from './commits.ts';
import { conflictEvidence, conflictFailure } from './conflict.ts';
import { factsOf } from './facts.ts';
import { keepGroup } from './groupRefs.ts';
import { type Merged, mergeTree } from './mergeTree.ts';
import { findLanded } from './onTarget.ts';
import { noneTouched, overlaysOn } from './overlay.ts';
import { strayPaths } from './paths.ts';
import { baseOf, readTips, rememberTip } from './tips.ts';

type Draft = Omit<ComposedGroup, 'commit' | 'tree' | 'members' | 'upstream'>;

/**
 * Composes one group on the target's present tip without a work tree: a chain of one commit per bead, and over it the
 * group commit whose first parent is the tip (I2). The same tip and members give the same commit.
 */
export const composeGroup = async (
  bench: Bench,
  deps: RefineryDeps,
  request: ComposeGroup,
): Promise<ComposedGroup> => {
  const tips = await readTips(bench, request);
  const base = baseOf(tips, request);
  await rememberTip(bench, request.target, base);
  await takeAttributes(bench, base);
  const gateHash = gateHashOf(bench.rig);
  const facts = await factsOf(bench, [base, ...request.members.map((one) => one.head)]);
  const baseFacts = facts.get(base);
  if (baseFacts === undefined) throw new Error(`${base} is the tip but is not here`);
  const draft = { base, baseTree: baseFacts.tree, gateHash, conflicts: [], landed: [] };

  if (tips.upstream !== undefined && !(await isAncestor(bench, tips.upstream, base))) {
    return mergeUpstream(bench, request, draft, tips.upstream);
  }
  return composeOn(bench, deps, request, { base, baseTree: baseFacts.tree, gateHash, facts });
};

/** Where a group is composed, with what is known of its commits. */
export interface Ground {
  readonly base: string;
  readonly baseTree: string;
  readonly gateHash: string;
  readonly facts: ReadonlyMap<string, CommitFacts>;
  /** Members that are on the base already, by bead; undefined: to be found out. */
  readonly onTarget?: ReadonlyMap<string, string> | undefined;
}

/** Composes members on a commit, whether it is the target's tip or not. */
export const composeOn = async (
  bench: Bench,
  deps: RefineryDeps,
  request: ComposeGroup,
  { base, baseTree, gateHash, facts, onTarget: known }: Ground,
): Promise<ComposedGroup> => {
  const onTarget = known ?? (await findLanded(bench, base, request.members));
  const landed = request.members.flatMap((one) => {
    const commit = onTarget.get(one.bead);
    return commit === undefined ? [] : [{ ...submissionIdOf(one), commit }];
  });
  const rest = request.members.filter((one) => !onTarget.has(one.bead));
  const draft = { base, baseTree, gateHash, conflicts: [], landed };
  return stack(bench, deps, request, draft, rest, facts);
};

/**
 * Puts one member after the other on the chain. Those that meet nobody are laid over it, all in one process; git merges the others.
 * Both ways make the same commits.
 */
const stack = async (
  bench: Bench,
  deps: RefineryDeps,
  request: ComposeGroup,
  draft: Draft,
  members: readonly Submission[],
  facts: ReadonlyMap<string, CommitFacts>,
): Promise<ComposedGroup> => {
  const { base, baseTree, gateHash } = draft;
  const overlays = await overlaysOn(bench, { commit: base, tree: baseTree }, members);
  const touched = noneTouched();
  const chain = chainOn(
    bench,
    { commit: base, tree: baseTree, date: facts.get(base)?.seconds ?? 0 },
    gateHash,
  );
  const conflicts: ComposedGroup['conflicts'][number][] = [];

  for (const bead of members) {
    const head = facts.get(bead.head);
    if (head === undefined) {
      conflicts.push({ ...submissionIdOf(bead), failure: headGone(bench, bead), evidenceRef: undefined });
      continue;
    }
    const overlay = overlays.get(bead.head);
    const paths = overlay?.map(({ path }) => path) ?? [];
    if (overlay !== undefined && !touched.meets(paths)) {
      touched.add(paths);
      chain.lay(bead, overlay, head.seconds);
      continue;
    }
    const top = await chain.top();
    const tried = await mergeTree(bench, top.commit, bead.head);
    if (!tried.clean) {
      const alone = top.commit === base ? tried : await mergeTree(bench, base, bead.head);
      // Conflicts only with others of the group: left out here, it keeps its place in the queue.
      if (alone.clean) continue;
      conflicts.push({
        ...submissionIdOf(bead),
        ...(await baseConflict(bench, deps, { target: request.target, base, bead }, alone)),
      });
      continue;
    }
    const merge = { before: top.commit, after: tried.tree, base, head: bead.head };
    const { changed, stray } = await strayPaths(bench, merge);
    if (stray.length > 0) {
      conflicts.push({
        ...submissionIdOf(bead),
        failure: strayFailure(bench, bead, base, stray),
        evidenceRef: undefined,
      });
      continue;
    }
    touched.add(changed);
    await chain.put(bead, tried.tree, head.seconds);
  }
  const { commit: last, tree, date } = await chain.top();
  const merged = chain.placed();

  const answer = { ...draft, conflicts, upstream: undefined };
  const [first] = merged;
  if (first === undefined) return { ...answer, commit: undefined, tree: undefined, members: [] };
  const id = groupIdOf(
    base,
    merged.map(({ bead }) => `${bead.bead} ${bead.head}${bead.keepsHistory === true ? ' as it is' : ''}`),
    gateHash,
  );
  const commit = await commitGroup(bench, {
    id,
    base,
    gateHash,
    ...{ tree, date },
    chain: last,
    subject: merged.length === 1 ? `Land: ${oneLine(first.bead.title)}` : `Land ${merged.length} beads`,
    lines: merged.map(({ bead }) => `${bead.bead} ${bead.title}`),
  });
  await keepGroup(bench, id, commit);
  const placed = merged.map(({ bead, commit }) => ({ ...submissionIdOf(bead), commit }));
  return { ...answer, commit, tree, members: placed };
};

/** The person's branch moved: that merge is the next group, and has no members. */
export const mergeUpstream = async (
  bench: Bench,
  request: RefineryTarget,
  draft: Draft,
  tip: string,
): Promise<ComposedGroup> => {
  const { base, gateHash } = draft;
  const none = { ...draft, commit: undefined, tree: undefined, members: [] };
  const merged = await mergeTree(bench, base, tip);
  if (!merged.clean) {
    const conflict = conflictFailure(
      bench,
      `${request.upstream} moved to ${tip.slice(0, 12)} and does not merge into ${request.target}`,
      merged,
      `git merge-tree --write-tree ${base} ${tip}`,
      `Merge ${request.target} into ${request.upstream} by hand and push it; the queue goes on by itself.`,
    );
    return { ...none, upstream: { tip, conflict } };
  }
  const facts = await factsOf(bench, [base, tip]);
  const id = groupIdOf(base, [`upstream ${tip}`], gateHash);
  const commit = await commitGroup(bench, {
    id,
    base,
    gateHash,
    tree: merged.tree,
    chain: tip,
    date: Math.max(...[...facts.values()].map((one) => one.seconds)),
    subject: `Merge ${request.upstream} into ${request.target}`,
    lines: [],
  });
  await keepGroup(bench, id, commit);
  return { ...none, commit, tree: merged.tree, upstream: { tip, conflict: undefined } };
};

/** What a bead is told that does not merge with the target itself. */
export const baseConflict = async (
  bench: Bench,
  deps: RefineryDeps,
  { target, base, bead }: { readonly target: string; readonly base: string; readonly bead: Submission },
  merged: Exclude<Merged, { clean: true }>,
) => ({
  failure: conflictFailure(
    bench,
    `${bead.bead} does not merge with ${target} at ${base.slice(0, 12)}`,
    merged,
    `git merge-tree --write-tree ${base} ${bead.head}`,
    'Rebase the bead onto the target and submit again; the town does this by itself.',
  ),
  evidenceRef: await conflictEvidence(bench, deps.blobs, merged),
});

export const headGone = (bench: Bench, bead: Submission) =>
  failure('GitFailed', {
    what: `The commit that ${bead.bead} submitted is not in the rig's repository.`,
    evidence: `${bead.head}\nin ${bench.repo}`,
    next: 'The bead opens its branch again and submits what it finds there; the town does this by itself.',
  });

const strayFailure = (bench: Bench, bead: Submission, base: string, stray: readonly string[]) =>
  failure('MergeConflict', {
    what: `Merging ${bead.bead} would change files that the bead never touched: ${stray
      .slice(0, 5)
      .map((path) => oneLine(path))
      .join(', ')}.`,
    evidence: `git merge-tree --write-tree ${base} ${bead.head}\nin ${bench.repo}\nThis is how a wrong merge base reverts other people's work.`,
    next: 'Rebase the bead onto the target and submit again; the town does this by itself.',
  });
