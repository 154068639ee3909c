import { patched } from '@temporalio/workflow';

/**
 * How long a timer runs to a moment that is `left` ms away: at least a moment of its own. Whether that is over must not be decided by
 * the time of a workflow task, which a replay may see as another one (see `bead/clock.ts`); that a timer ran out is in the history.
 * Histories of before did decide so: 0 or less there needs no timer.
 */
export const waitFor = (left: number): number => (patched('waits-by-timer') ? Math.max(1, left) : left);
