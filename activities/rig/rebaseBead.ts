import { beadKey, gitRef, trailer } from '../../workflows/domain/naming.ts';
import type { RebaseBead, RebasedBead } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { readCommits, writeCommit } from '../git/commit.ts';
import type { CommitFacts } from '../git/commitObject.ts';
import { mergeOnto } from '../git/mergeOnto.ts';
import { moveRefs, readRefs } from '../git/refs.ts';
import { withTrailers } from '../git/trailers.ts';
import { ensureWorktree } from '../git/worktree.ts';
import { conflictFeedback } from './conflictFeedback.ts';
import type { Rig } from './index.ts';
import { neverOpened } from './unusable.ts';

/**
 * Puts the bead's work on the target's tip as one commit. Where that conflicts, the work is kept under a ref, the bead
 * starts again from the tip, and the feedback tells the model what it had and what has changed since.
 *
 * What comes out is a function of (base, head, tip), so a repeat after a kill makes the same commit: branch and base move
 * together, and a branch that has moved already tells which tip was taken (G5).
 */
export const rebaseBead = async (rig: Rig, request: RebaseBead): Promise<RebasedBead> => {
  const { repo, signal } = rig;
  const branch = gitRef.bead(request.bead);
  const baseRef = gitRef.base(request.bead);
  const refs = await readRefs(repo, [branch, baseRef, gitRef.target(request.target)], signal);
  const present = refs.get(branch);
  const recorded = refs.get(baseRef);
  const tip = refs.get(gitRef.target(request.target));
  if (tip === undefined) throw neverOpened(rig, request.target);

  // An earlier attempt of this call got as far as the refs.
  const done =
    present !== undefined && present !== request.head && recorded !== undefined && recorded !== request.base
      ? await outcomeOn(rig, request, recorded)
      : undefined;
  const isDone = done !== undefined && done.head === present;
  const outcome = isDone ? done : await outcomeOn(rig, request, tip);
  if (!isDone) {
    await moveRefs(
      repo,
      [
        { ref: branch, to: outcome.head, was: present ?? null },
        { ref: baseRef, to: outcome.base },
        ...keptWork(request, outcome, present),
      ],
      signal,
    );
    // Only who was sent back is put on another base.
    rig.counts?.add('sentBack', { rig: rig.settings.name });
  }
  const path = rig.home.worktree(request.rig, request.bead);
  const { caches, sparse } = rig.settings;
  await ensureWorktree({ repo, path, branch, caches, sparse, signal });
  await rig.gates.prepareTree(rig.settings, path, signal);
  return outcome;
};

/** What the bead's work becomes on a tip. Makes objects and the feedback's blob, moves nothing. */
const outcomeOn = async (rig: Rig, request: RebaseBead, onto: string): Promise<RebasedBead> => {
  const { repo, signal } = rig;
  const { base, head } = request;
  if (onto === base) return { outcome: head === base ? 'empty' : 'clean', base, head };
  const [target, work] = await readCommits(repo, [onto, head], signal);
  if (target === undefined || work === undefined) throw lost(rig, request);
  const seconds = Math.max(work.seconds, target.seconds);
  const merged = await mergeOnto(repo, { base, head, onto, seconds }, signal);
  if (merged.conflicts !== undefined) {
    const feedback = await conflictFeedback(rig, { base, head, onto, paths: merged.conflicts });
    return { outcome: 'conflict', base: onto, head: onto, feedback };
  }
  if (merged.tree === target.tree) return { outcome: 'empty', base: onto, head: onto };
  const commit = {
    tree: merged.tree,
    parents: [onto],
    message: messageOf(request, work),
    seconds,
  };
  return { outcome: 'clean', base: onto, head: await writeCommit(repo, commit, signal) };
};

const messageOf = (request: RebaseBead, work: CommitFacts): string =>
  work.message.includes(`\n${trailer.bead}: `)
    ? work.message
    : withTrailers(work.message, { [trailer.bead]: beadKey(request.bead) });

/** Refs for work that is on the branch no longer: what conflicts, and commits that the workflow never heard of. */
const keptWork = (request: RebaseBead, outcome: RebasedBead, present: string | undefined) => [
  ...(outcome.outcome === 'conflict'
    ? [{ ref: gitRef.kept(request.bead, `attempt-${request.attempt}`), to: request.head }]
    : []),
  ...(present === undefined || present === request.head
    ? []
    : [{ ref: gitRef.kept(request.bead, `unclaimed-${present.slice(0, 12)}`), to: present }]),
];

const lost = (rig: Rig, request: RebaseBead) =>
  fail('WorktreeLost', {
    what: `The work of bead ${beadKey(request.bead)} is gone.`,
    evidence: `commit ${request.head} in ${rig.repo}`,
    next: 'Resume the bead: opening it makes branch and worktree again.',
  });
