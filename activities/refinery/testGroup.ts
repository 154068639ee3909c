import type { GroupTest, TestGroup } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { gateHash as gateHashOf } from '../gates/index.ts';
import { takeAttributes } from './attributes.ts';
import { type Bench, commitOf, type RefineryDeps } from './bench.ts';
import { composeOn } from './compose.ts';
import { factsOf } from './facts.ts';
import { testCommit } from './testCommit.ts';

/**
 * Composes members on a commit that is or was the target's tip, and runs all gates on the outcome. It is one step, since what is
 * composed of the same things is the same commit: a repeat tests what the first try has tested (G5). Without members the base itself
 * is tested.
 */
export const testGroup = async (
  bench: Bench,
  deps: RefineryDeps,
  request: TestGroup,
  onProgress: () => void,
): Promise<GroupTest> => {
  const { base, members, run } = request;
  if ((await commitOf(bench, base)) === undefined) throw baseGone(bench, base);
  await takeAttributes(bench, base);
  const gateHash = gateHashOf(bench.rig);
  const onTarget = request.looked === true ? new Map<string, string>() : undefined;
  const facts = await factsOf(bench, [base, ...members.map(({ head }) => head)]);
  const baseTree = facts.get(base)?.tree ?? '';
  const { upstream: _, ...group } = await composeOn(bench, deps, request, {
    base,
    baseTree,
    gateHash,
    facts,
    onTarget,
  });
  const what =
    members.length === 0
      ? { commit: base, tree: baseTree }
      : group.commit !== undefined && group.tree !== undefined
        ? { commit: group.commit, tree: group.tree }
        : undefined;
  if (what === undefined) return { ...group, report: undefined };
  const report = await testCommit(bench, deps, { ...request, ...what, gateHash, run }, onProgress);
  return { ...group, ...what, report };
};

const baseGone = (bench: Bench, base: string): Error =>
  fail('GitFailed', {
    what: 'The commit that a group was to be built on is not in the town’s copy any more.',
    evidence: `${base}\nin ${bench.repo}`,
    next: 'The queue looks at its branch again by itself.',
  });
