import { trailer } from '../../workflows/domain/naming.ts';
import { skippedText } from '../../workflows/domain/queue/submission.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { ComposedGroup, ComposeUntested, Override } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { readCommit, writeCommit } from '../git/commit.ts';
import { trailerOf } from '../git/trailers.ts';
import type { Bench, RefineryDeps } from './bench.ts';
import { composeGroup } from './compose.ts';
import { keepGroup } from './groupRefs.ts';

/**
 * Composes one branch on the target's tip like any group, and has the group's commit say that nobody has tested it. The same tip,
 * branch and words give the same commit, so that a repeat finds what a first try has landed (G5).
 */
export const composeUntested = async (
  bench: Bench,
  deps: RefineryDeps,
  { member, override, ...target }: ComposeUntested,
): Promise<ComposedGroup> => {
  const composed = await composeGroup(bench, deps, { ...target, members: [member] });
  if (composed.upstream !== undefined || composed.commit === undefined) return composed;
  const group = await readCommit(bench.repo, composed.commit, bench.signal);
  if (group === undefined) throw groupGone(bench, composed.commit);
  const said = `${trailer.skipped}: ${spoken(override)}`;
  const commit = await writeCommit(
    bench.repo,
    {
      ...{ tree: group.tree, parents: group.parents },
      message: `${group.message.trimEnd()}\n${said}\n`,
      seconds: group.seconds,
    },
    bench.signal,
  );
  const id = trailerOf(group.message, trailer.group) ?? '';
  if (/^[0-9a-f]+$/.test(id)) await keepGroup(bench, id, commit);
  return { ...composed, commit };
};

/** Whether a commit tells of exactly this override: git itself shows it for good. */
export const tellsOf = (message: string, override: Override): boolean =>
  trailerOf(message, trailer.skipped) === spoken(override);

/** One line in which nothing acts on a terminal, so that it cannot fake another trailer. */
const spoken = ({ by, reason }: Override): string => oneLine(skippedText(by, reason), 500).trim();

const groupGone = (bench: Bench, commit: string): Error =>
  fail('GitFailed', {
    what: 'The commit of a group is not in the town’s copy although it was just made.',
    evidence: `${commit}\nin ${bench.repo}`,
    next: 'The queue composes it again by itself.',
  });
