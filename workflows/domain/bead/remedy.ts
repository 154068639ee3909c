/** What is done about a polecat that goes round in circles. */

import type { Failure } from '../failure.ts';
import { climbed } from './beadHandover.ts';
import { type BeadLife } from './beadLife.ts';
import { lastEvidence } from './feedback.ts';
import { nudgeOf, stallOf, stallText } from './stall.ts';

/** Each remedy comes once on each rung, the gentlest first. */
export type Remedy =
  | { readonly kind: 'none' }
  /** The next prompt says what is wrong with all of the last ones. */
  | { readonly kind: 'nudge'; readonly life: BeadLife }
  /** The next prompt begins without what went before. */
  | { readonly kind: 'fresh'; readonly life: BeadLife; readonly why: string }
  | { readonly kind: 'climb'; readonly life: BeadLife }
  | { readonly kind: 'blocked'; readonly life: BeadLife; readonly failure: Failure };

export const remedyOf = (life: BeadLife, bead: string, rungs: number): Remedy => {
  const stall = stallOf(life.marks ?? []);
  const last = life.feedback.at(-1);
  // Told so already, and no turn has ended since: a host that was away or a bead that was parked proves nothing.
  if (stall === undefined || last === undefined || last.nudge !== undefined) return { kind: 'none' };
  const done = life.remedies ?? 0;
  const said = (what: string): string => `${stallText(stall)}: ${what}`;
  const helped = (what: string): BeadLife => ({ ...life, remedies: done + 1, stall: said(what) });
  if (done === 0) {
    const nudged = helped('told so');
    return {
      kind: 'nudge',
      life: { ...nudged, feedback: [...life.feedback.slice(0, -1), { ...last, nudge: nudgeOf(stall) }] },
    };
  }
  if (done === 1)
    return {
      kind: 'fresh',
      life: { ...helped('a fresh conversation'), marks: [] },
      why: said('a fresh conversation'),
    };
  if (life.rung + 1 < rungs)
    return { kind: 'climb', life: climbed({ ...life, stall: said('the next model') }, life.rung + 1) };
  return {
    kind: 'blocked',
    life: { ...life, stall: said('blocked') },
    failure: {
      type: 'Stalled',
      what: `The polecat goes round in circles (${stallText(stall)}), and neither a nudge nor a fresh conversation helped.`,
      evidence: lastEvidence(life),
      next: `Read the turns with: gt bead log ${bead}; then reword or split the task, give its tier another model, or let it try once more: gt resume ${bead}`,
    },
  };
};
