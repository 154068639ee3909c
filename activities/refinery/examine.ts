import { type Submission, submissionIdOf, submissionKey } from '../../workflows/domain/queue/submission.ts';
import type { ExaminedQueue, ExamineQueue, LookedAt } from '../../workflows/ports.ts';
import { gateHash as gateHashOf } from '../gates/index.ts';
import type { CommitFacts } from '../git/commitObject.ts';
import { takeAttributes } from './attributes.ts';
import { type Bench, isAncestor, type RefineryDeps } from './bench.ts';
import { baseConflict, headGone, mergeUpstream } from './compose.ts';
import { factsOf } from './facts.ts';
import { areasOf, footprintOf } from './footprint.ts';
import { greensOf } from './greens.ts';
import { mergeTree } from './mergeTree.ts';
import { findLanded } from './onTarget.ts';
import { overlaysOn } from './overlay.ts';
import { quarrelsOf } from './quarrels.ts';
import { baseOf, readTips, rememberTip } from './tips.ts';

/** Looks where the target is and how submissions stand to it and to each other. Writes nothing but what is remembered of the tip. */
export const examine = async (
  bench: Bench,
  deps: RefineryDeps,
  request: ExamineQueue,
): Promise<ExaminedQueue> => {
  const tips = await readTips(bench, request);
  const base = baseOf(tips, request);
  await rememberTip(bench, request.target, base);
  await takeAttributes(bench, base);
  const gateHash = gateHashOf(bench.rig);
  const { members, beside } = request;
  const heads = [...members, ...beside].map(({ head }) => head);
  const facts = await factsOf(bench, [base, ...heads]);
  const tree = facts.get(base)?.tree;
  if (tree === undefined) throw new Error(`${base} is the tip but is not here`);
  const draft = { base, baseTree: tree, gateHash, conflicts: [], landed: [] };
  const merge =
    tips.upstream === undefined || (await isAncestor(bench, tips.upstream, base))
      ? undefined
      : await mergeUpstream(bench, request, draft, tips.upstream);
  return {
    tip: { commit: base, tree, gateHash },
    isGreen: await greensOf(deps.home, bench.rig.name).has(gateHash, tree),
    slots: bench.rig.tests ?? deps.slots ?? 1,
    upstream: merge?.upstream && {
      ...merge.upstream,
      ...(merge.commit === undefined || merge.tree === undefined
        ? {}
        : { merge: { tip: merge.upstream.tip, base, gateHash, commit: merge.commit, tree: merge.tree } }),
    },
    found: await standings(bench, deps, request, base, facts),
  };
};

const standings = async (
  bench: Bench,
  deps: RefineryDeps,
  { target, members, beside }: ExamineQueue,
  base: string,
  facts: ReadonlyMap<string, CommitFacts>,
): Promise<readonly LookedAt[]> => {
  const onTarget = members.length === 0 ? new Map<string, string>() : await findLanded(bench, base, members);
  const here = members.filter(({ bead, head }) => facts.has(head) && !onTarget.has(bead));
  const others = beside.filter(({ head }) => facts.has(head));
  const tip = { commit: base, tree: facts.get(base)?.tree ?? '' };
  const overlays = await overlaysOn(
    bench,
    tip,
    [...here, ...others].flatMap(({ head, base: began }) =>
      began === undefined ? [] : [{ head, base: began }],
    ),
  );
  const { misfits, quarrels } = await quarrelsOf(bench, base, overlays, here, others);
  const fitting = here.filter((one) => !misfits.has(one));
  const footprint = ({ head }: Submission) => {
    const overlay = overlays.get(head);
    return overlay === undefined ? footprintOf(bench, base, head) : areasOf(overlay.map(({ path }) => path));
  };
  const answers: LookedAt[] = [];
  for (const one of members) {
    const commit = onTarget.get(one.bead);
    if (commit !== undefined) answers.push({ ...submissionIdOf(one), outcome: 'landed', commit });
    else if (!facts.has(one.head))
      answers.push({
        ...submissionIdOf(one),
        outcome: 'conflicts',
        failure: headGone(bench, one),
        evidenceRef: undefined,
      });
    else if (fitting.includes(one))
      answers.push({
        ...{ ...submissionIdOf(one), outcome: 'fits' },
        footprint: await footprint(one),
        conflicts: quarrels.get(submissionKey(one)) ?? [],
      });
    else {
      const tried = await mergeTree(bench, base, one.head);
      if (tried.clean) throw new Error(`git does not agree with itself on ${base} and ${one.head}`);
      answers.push({
        ...{ ...submissionIdOf(one), outcome: 'conflicts' },
        ...(await baseConflict(bench, deps, { target, base, bead: one }, tried)),
      });
    }
  }
  return answers;
};
