import { boardProposals } from '../domain/bead/proposal.ts';
import { ask, freeTokens, type Ledger, tooFew, tooLittleMoney } from '../domain/budget/allowance.ts';
import type { Amounts } from '../domain/budget/budgetUse.ts';
import type { ConvoySettings, EpicPlan } from '../domain/convoy.ts';
import { type Board, isOver, linesOf } from '../domain/epicBoard.ts';
import { clip, maxEvidence } from '../domain/failure.ts';
import { addUsage, type Usage } from '../domain/host/model.ts';
import { beadKey } from '../domain/naming.ts';
import { afterEpic } from '../domain/report/afterEpic.ts';
import type { BeadLine, EpicStatus } from '../domain/report/report.ts';
import type { OpenedRig } from '../domain/rig.ts';
import type { Allowance, Shutdown } from '../messages.ts';
import type { Room } from './room.ts';

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
  /** The same for money. */
  readonly moneyLimited?: true;
}

export interface EpicResult {
  readonly status: EpicStatus;
  readonly usage: Usage;
}

/** Tokens granted and not reserved. Without limit nothing is ever asked. */
export interface Purse {
  ledger: Ledger;
  /** The same in money, in millionths. */
  money: Ledger;
  asking: boolean;
  refused: boolean;
  /** When to ask again after "none left", epoch ms; undefined waits for a raised budget. */
  refusedUntil: number | undefined;
  /** What is free is the rest of the budget, and a bead may start with it. */
  rest?: boolean;
  /** What the bead that asked last may use, and what the convoy's own budget was when it refused. */
  wanted?: Amounts;
  budget?: Allowance['budget'];
  /** What it refused for. */
  lacks?: Allowance['lacks'];
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
  readonly room: Room;
  version: number;
  /** Children that are being started, and are not known to run yet. */
  starting: number;
  /** Counts what a person was told of. */
  troubles: number;
  /** The stop of which the convoy knows that it has been carried out. */
  parkedFor: Shutdown | undefined;
  /** By runs of beads that were retried since. */
  spentBefore: Usage;
  /** What of its spending the convoy has been told. */
  toldConvoy?: Amounts;
  /** Beads for which the mayor was asked for another plan in this launch, and how many of these it has not answered. */
  replanned?: Set<string>;
  replanning?: number;
  /** Proposals that a person does not want, by id. */
  dismissed?: ReadonlySet<string>;
}

export const statusOf = ({
  input,
  board,
  paused,
  stopping,
  maxParallel,
  purse,
  room,
  dismissed,
}: EpicDesk): EpicStatus => {
  const proposals = boardProposals(board, dismissed ?? new Set());
  const beads = isOver(board) ? linesOf(board).map((line) => whenOver(input, line)) : linesOf(board);
  return {
    convoy: input.convoy,
    epic: input.plan.id,
    rig: input.plan.rig,
    target: input.rig.target,
    paused: paused ?? stopping?.reason ?? waitsForRoom(room) ?? waitsForBudget(purse, input),
    maxParallel,
    waves: 1 + Math.max(0, ...beads.map(({ wave }) => wave)),
    beads,
    ...(proposals.length === 0 ? {} : { proposals }),
  };
};

const whenOver = ({ convoy, plan, settings }: EpicInput, line: BeadLine): BeadLine => {
  if (line.failure === undefined) return line;
  const key = beadKey({ convoy, epic: plan.id, bead: line.bead });
  return { ...line, failure: afterEpic(line.failure, key, settings.launchedWith) };
};

/** Short, since boards have one line for it; the mailbox and `gt doctor` have the rest. */
const waitsForRoom = ({ short }: Room): string | undefined =>
  short && `${short.what} Free some: gt prune --older 14d`;

const waitsForBudget = (purse: Purse, { convoy, plan, settings }: EpicInput): string | undefined => {
  const { refused, refusedUntil, lacks, budget } = purse;
  const whose = budget?.of === 'epic' ? `${convoy}/${plan.id}` : convoy;
  if (!refused && refusedUntil === undefined) return;
  const [what, more] = lacks === 'money' ? ['money', '--money AMOUNT'] : ['tokens', 'N'];
  return refusedUntil === undefined || refusedUntil === Number.MAX_SAFE_INTEGER
    ? `${tooLittle(purse, settings.currency)}: gt budget raise ${whose} ${more}`
    : `no ${what} left for another bead in the budget of the day, which ends at ${new Date(refusedUntil).toISOString()}: gt budget raise-day ${more}`;
};

/** Why the convoy's own budget starts no further bead, without a full stop. */
export const tooLittle = (purse: Purse, currency: string | undefined): string => {
  const { budget, wanted, lacks } = purse;
  if (budget === undefined || wanted === undefined)
    return `no ${lacks ?? 'tokens'} left for another bead in the budget of this convoy`;
  const ledger = lacks === 'money' ? purse.money : purse.ledger;
  // What beads spent beyond their caps is not yet in the books of the convoy.
  const own = (freeTokens(ledger) ?? 0) - ask(ledger, 0);
  const known = { ...budget, left: Math.max(0, budget.left + own) };
  return lacks === 'money' ? tooLittleMoney(known, wanted.money, currency) : tooFew(known, wanted.tokens);
};

export const epicResult = (desk: EpicDesk): EpicResult => ({
  status: withShortEvidence(statusOf(desk)),
  usage: usageOf(desk),
});

/** Of this launch, as far as beads have told it. */
export const usageOf = ({ board, spentBefore }: EpicDesk): Usage =>
  [...board.values()].reduce(
    (sum, { spent, earlier }) => (spent === undefined || earlier ? sum : addUsage(sum, spent.usage)),
    spentBefore,
  );

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
