import type { Craft } from '../../workflows/domain/convoy.ts';
import { steps } from './ladders.ts';
import type { ConfigFile } from './schema.ts';

/** Times that a reviewer may send one bead back where the file says nothing. */
export const usualRounds = 2;

/** What beads do beside turns and gates: further replies when they are hard, and a second opinion. */
export const craftOf = (written: ConfigFile): Craft => {
  const { reviewer } = written.roles;
  const { samples } = written.limits.bead;
  if (reviewer === undefined) return { samples };
  const { model, rounds } =
    typeof reviewer === 'string' ? { model: reviewer, rounds: usualRounds } : reviewer;
  const [step] = steps(written, [model]);
  return step === undefined ? { samples } : { samples, review: { reviewer: step, rounds } };
};
