import type { Ledger } from '../domain/allowance.ts';
import type { ConvoySettings, EpicPlan } from '../domain/convoy.ts';
import { type Board, linesOf } from '../domain/epicBoard.ts';
import { clip, maxEvidence } from '../domain/failure.ts';
import { addUsage, type Usage } from '../domain/model.ts';
import type { BeadLine, EpicStatus } from '../domain/report.ts';
import type { OpenedRig } from '../domain/rig.ts';
import type { Shutdown } from '../messages.ts';

/** The input of the workflow `epic`. */
export interface EpicInput {
  readonly convoy: string;
  readonly plan: EpicPlan;
  readonly rig: OpenedRig;
  readonly settings: ConvoySettings;
  /** Polecat names from the town's pool, one a bead. */
  readonly names: readonly string[];
  /** Whether tokens have to be asked of the convoy before a bead starts. */
  readonly limited: boolean;
}

export interface EpicResult {
  readonly status: EpicStatus;
  readonly usage: Usage;
}

/** Tokens granted and not reserved. Without limit nothing is ever asked. */
export interface Purse {
  ledger: Ledger;
  asking: boolean;
  refused: boolean;
  /** When to ask again after "none left", epoch ms; undefined waits for a raised budget. */
  refusedUntil: number | undefined;
}

/** Everything an epic knows. `version` counts changes, so that its loop has one thing to wait for. */
export interface EpicDesk {
  readonly input: EpicInput;
  readonly board: Board;
  readonly names: string[];
  paused: string | undefined;
  stopping: Shutdown | undefined;
  maxParallel: number;
  readonly purse: Purse;
  version: number;
  /** By runs of beads that were retried since. */
  spentBefore: Usage;
}

export const statusOf = ({ input, board, paused, stopping, maxParallel, purse }: EpicDesk): EpicStatus => {
  const beads = linesOf(board);
  return {
    convoy: input.convoy,
    epic: input.plan.id,
    rig: input.plan.rig,
    target: input.rig.target,
    paused: paused ?? stopping?.reason ?? waitsForTokens(purse, input.convoy),
    maxParallel,
    waves: 1 + Math.max(0, ...beads.map(({ wave }) => wave)),
    beads,
  };
};

const waitsForTokens = ({ refused, refusedUntil }: Purse, convoy: string): string | undefined => {
  if (!refused && refusedUntil === undefined) return;
  return refusedUntil === undefined || refusedUntil === Number.MAX_SAFE_INTEGER
    ? `no tokens left for another bead in the budget of this convoy: gt budget raise ${convoy} N`
    : `no tokens left for another bead in the budget of the day, which ends at ${new Date(refusedUntil).toISOString()}: gt budget raise-day N`;
};

export const epicResult = (desk: EpicDesk): EpicResult => ({
  status: withShortEvidence(statusOf(desk)),
  usage: [...desk.board.values()].reduce(
    (sum, { spent, earlier }) => (spent === undefined || earlier ? sum : addUsage(sum, spent.usage)),
    desk.spentBefore,
  ),
});

/** Characters of evidence in one result: 400 blocked beads with all of theirs would not fit a payload of 2 MB. */
const evidenceInAll = 200_000;

const withShortEvidence = (status: EpicStatus): EpicStatus => {
  const limit = Math.min(maxEvidence, Math.floor(evidenceInAll / Math.max(1, status.beads.length)));
  const short = ({ failure, ...bead }: BeadLine): BeadLine => ({
    ...bead,
    failure: failure && { ...failure, evidence: clip(failure.evidence, limit) },
  });
  return { ...status, beads: status.beads.map(short) };
};
