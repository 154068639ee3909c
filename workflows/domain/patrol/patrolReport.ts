/** One patrol of the Witness over one rig: its input, its result, and how people see it. */

import type { Pace } from '../pace.ts';
import { markdownText } from '../text.ts';
import type { Finding } from './patrolFindings.ts';
import type { PatrolMemory } from './pulse.ts';

/** The input of the workflow `witness`. */
export interface WitnessInput {
  readonly rig: string;
  readonly place: string;
  /** Hosts that this patrol looks after: all of them with one rig, none with the others. */
  readonly hosts: readonly string[];
  readonly silentAfterMs: number;
  readonly leaveAloneMs: number;
  readonly pace: Pace;
}

/** The result of a patrol, and what the next one is told of it. */
export interface PatrolReport {
  readonly rig: string;
  /** Epoch ms. */
  readonly at: number;
  /** What was cleared, a line each. */
  readonly repaired: readonly string[];
  /** Beads that were asked to hand over. */
  readonly nudged: readonly string[];
  readonly findings: readonly Finding[];
  readonly memory: PatrolMemory;
}

export const patrolMarkdown = ({ rig, repaired, nudged, findings }: PatrolReport): string => {
  const parts = [
    ...repaired.map((line) => `- cleared: ${markdownText(line, 300)}`),
    ...nudged.map((bead) => `- asked to hand over: ${markdownText(bead, 200)}`),
    ...findings.map(
      ({ about, failure }) =>
        `- **${markdownText(about, 200)}**: ${failure.type}. ${markdownText(failure.what, 500)}`,
    ),
  ];
  return [
    `Patrol of rig ${markdownText(rig, 60)}`,
    '',
    ...(parts.length === 0 ? ['All is well.'] : parts),
  ].join('\n');
};
