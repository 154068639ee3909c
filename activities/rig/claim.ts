import { gitRef, trailer } from '../../workflows/domain/naming.ts';
import type { OpenRig } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { readCommits, writeCommit } from '../git/commit.ts';
import { moveRefs, readRefs } from '../git/refs.ts';
import { trailerOf, withTrailers } from '../git/trailers.ts';
import type { Rig } from './index.ts';

/**
 * Claims a convoy's name in the rig for one plan, and gives the convoy's first base: the target's tip of its first launch.
 * The claim is a commit on top of that base which only this ref holds. Throws `PlanConflict` when another plan has the name.
 */
export const claimConvoy = async (rig: Rig, request: OpenRig, tip: string): Promise<string> => {
  const present = await claimedBase(rig, request);
  if (present !== undefined) return present;
  const message = withTrailers(`Convoy ${request.convoy}`, { [trailer.plan]: request.planHash });
  const [base] = await readCommits(rig.repo, [tip], rig.signal);
  const commit = await writeCommit(
    rig.repo,
    { tree: `${tip}^{tree}`, parents: [tip], message, seconds: base?.seconds ?? 0 },
    rig.signal,
  );
  try {
    await moveRefs(rig.repo, [{ ref: gitRef.convoy(request.convoy), to: commit, was: null }], rig.signal);
    return tip;
  } catch (error) {
    // Another process was first: its claim counts, if it is for the same plan.
    const theirs = await claimedBase(rig, request);
    if (theirs === undefined) throw error;
    return theirs;
  }
};

/** The first base of a convoy that this plan has claimed before; undefined for a new name. */
export const claimedBase = async (rig: Rig, { convoy, planHash }: OpenRig): Promise<string | undefined> => {
  const ref = gitRef.convoy(convoy);
  const claim = (await readRefs(rig.repo, [ref], rig.signal)).get(ref);
  if (claim === undefined) return;
  const [commit] = await readCommits(rig.repo, [claim], rig.signal);
  const plan = commit === undefined ? undefined : trailerOf(commit.message, trailer.plan);
  if (plan === planHash) return commit?.parents[0];
  throw fail('PlanConflict', {
    what: `The name ${convoy} belongs to another plan in rig ${rig.settings.name}.`,
    evidence: `plan of the first launch: ${plan ?? 'unknown'}\nplan of this launch: ${planHash}\n${ref} in ${rig.repo}`,
    next: `Launch the changed plan under a new convoy name. Beads can be added to a running epic: gt convoy add CONVOY/EPIC PLAN.`,
  });
};
