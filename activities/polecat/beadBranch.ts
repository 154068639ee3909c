import { beadKey, gitRef, trailer } from '../../workflows/domain/naming.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { ApplyReply } from '../../workflows/ports.ts';
import { fail } from '../failure.ts';
import { moveRefs } from '../git/refs.ts';

/** The message of the commit that a reply becomes, with the trailers by which git tells whose it is. */
export const messageOf = (request: ApplyReply): string =>
  [
    oneLine(request.spec.title, 72) || beadKey(request.bead),
    '',
    `${trailer.bead}: ${beadKey(request.bead)}`,
    `${trailer.polecat}: ${oneLine(request.polecat, 100)}`,
    `${trailer.model}: ${oneLine(request.model, 100)}`,
    `Turn: ${request.turn}`,
    `Reply: ${request.replyRef}`,
    '',
  ].join('\n');

/**
 * Moves the bead's branch by compare-and-swap. Work that is on it but that the workflow does not know of (its result was
 * lost on the way) is kept under a ref of its own: nothing that a model was paid for is thrown away.
 */
export const moveBranch = async (
  repo: string,
  request: ApplyReply,
  tip: string,
  commit: string,
): Promise<void> => {
  if (tip === commit) return;
  const unclaimed = tip !== request.head && tip !== request.instead;
  await moveRefs(repo, [
    { ref: gitRef.bead(request.bead), to: commit, was: tip },
    ...(unclaimed ? [{ ref: gitRef.kept(request.bead, `unclaimed-${tip.slice(0, 12)}`), to: tip }] : []),
  ]);
};

/** The error of a bead whose branch somebody took away. */
export const branchGone = (request: ApplyReply, repo: string): Error =>
  fail('WorktreeLost', {
    what: `The branch of ${beadKey(request.bead)} is gone.`,
    evidence: `${gitRef.bead(request.bead)} in ${repo}`,
    next: 'Resume the bead: it then begins at the tip of the target.',
  });
