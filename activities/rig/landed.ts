import { beadKey, gitRef, trailer } from '../../workflows/domain/naming.ts';
import type { OpenBead } from '../../workflows/ports.ts';
import { fetchOrigin } from '../git/origin.ts';
import { readRefs } from '../git/refs.ts';
import { findByTrailers } from '../git/trailers.ts';
import type { Rig } from './index.ts';

/** The refs that tell whether a bead has landed. The remote's branch may be ahead of what the town remembers (G4). */
export const landedRefs = ({ target, bead }: OpenBead) => ({
  known: gitRef.target(target),
  remote: `refs/remotes/origin/${target}`,
  convoy: gitRef.convoy(bead.convoy),
});

/** The commit with which a bead landed since its convoy began, by what this repository knows; undefined when it has not. */
export const lookForLanded = async (
  rig: Rig,
  request: OpenBead,
  refs: ReadonlyMap<string, string>,
): Promise<string | undefined> => {
  const { known, remote, convoy } = landedRefs(request);
  const tips = new Set([refs.get(known), refs.get(remote)].filter((tip) => tip !== undefined));
  const claim = refs.get(convoy);
  if (tips.size === 0) return;
  // The convoy's own commit is a child of its first base, and on no branch.
  const range = [...tips, ...(claim === undefined ? [] : [`^${claim}`])];
  const wanted = { [trailer.bead]: beadKey(request.bead), [trailer.task]: request.spec.taskRef };
  return findByTrailers(rig.repo, range, wanted, rig.signal);
};

/** The same with the remote's newest state: for the rare case that a bead ended without a word. */
export const findLandedBead = async (rig: Rig, request: OpenBead): Promise<string | undefined> => {
  if (rig.settings.land.mode !== 'local') await fetchOrigin(rig.repo, rig.signal);
  const refs = await readRefs(rig.repo, Object.values(landedRefs(request)), rig.signal);
  return lookForLanded(rig, request, refs);
};
