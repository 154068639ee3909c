import type { Failure } from '../domain/failure.ts';

/** The failure of a bead that ended without a word of its own. */
export const lost = (bead: string, cause: unknown): Failure => ({
  type: 'WorktreeLost',
  what: 'The bead ended without saying how: it was terminated, or timed out.',
  evidence: cause instanceof Error ? cause.message : String(cause),
  next: `Start it again with: gt resume ${bead}`,
});
