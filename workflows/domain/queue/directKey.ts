import type { DirectOf } from './direct.ts';
import { ownBranchKey } from './ownBranch.ts';

/** How the Refinery names what is landed directly: a bead by its own key, so that it finds itself landed; others as a person's branch. */
export const directKey = (of: DirectOf): string => {
  if (of.kind === 'bead') return of.bead;
  return ownBranchKey(of.rig, of.kind === 'branch' ? of.name : `revert-${of.commit.slice(0, 12)}`);
};
