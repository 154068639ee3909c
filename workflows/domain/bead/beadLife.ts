/**
 * The rules of a bead's life as a value: what has been done, spent and learned, and what comes next. It is all that a
 * parked bead carries into its next run.
 */
import { raise } from '../budget/allowance.ts';
import { addUsage, noUsage, type Usage } from '../host/model.ts';
import type { Caps, Spent } from './bead.ts';
import { type Feedback, isRed, saysOfWork } from './feedback.ts';
import type { Look } from './look.ts';
import { type Proposal, withProposals } from './proposal.ts';
import type { Reviewed } from './review.ts';
import type { Spares } from './samples.ts';
import { type StallMark, withMark } from './stall.ts';
import type { Told } from './told.ts';

/** The next thing to do with the worktree; `open` when it was found gone. */
export type Todo = 'open' | 'compose' | 'gates' | 'rebase' | 'submit';

export interface BeadLife {
  readonly todo: Todo;
  /** Numbers submissions; every failed try and every resume counts a new one. */
  readonly attempt: number;
  /** Failed tries on the present rung of the ladder of models. */
  readonly failures: number;
  /** Replies in a row that could not be applied. */
  readonly refusals: number;
  readonly rung: number;
  readonly turn: number;
  readonly conversation: number;
  readonly base: string | undefined;
  readonly head: string | undefined;
  /** At most two, newest last. */
  readonly feedback: readonly Feedback[];
  /** The newest failure of gates or Refinery, until gates are green; a fresh conversation forgets the others. */
  readonly red?: Feedback;
  readonly noteRef: string | undefined;
  /** What the last hand-over was for. */
  readonly handover?: string;
  readonly spent: Spent;
  readonly caps: Caps;
  /** Work that was found on the way, for a person to approve. */
  readonly proposals?: readonly Proposal[];
  /** How the last turns went, where somebody looks for circles; undefined in beads of before there were such rules. */
  readonly marks?: readonly StallMark[];
  /** What was done about circles on this rung so far. */
  readonly remedies?: number;
  /** The last circle, and what was done about it, for people. */
  readonly stall?: string;
  /** Malformed replies in a row: the form of the next prompt follows them. */
  readonly malformed?: number;
  /** What this conversation has looked at. */
  readonly looks?: readonly Look[];
  /** What it was told while it worked. */
  readonly told?: readonly Told[];
  /** Further replies to the last prompt, to be tried when the first one fails. */
  readonly spares?: Spares;
  readonly reviewed?: Reviewed;
  /** Prompts in a row that were too long for the model although we thought otherwise. */
  readonly squeezed?: number;
  /** The text of a bead that makes a report. */
  readonly reportRef?: string;
}

/** `watched`: whether its turns are looked at for circles. */
export const newLife = (caps: Caps, watched = false): BeadLife => ({
  todo: 'compose',
  attempt: 1,
  failures: 0,
  refusals: 0,
  rung: 0,
  turn: 0,
  conversation: 1,
  base: undefined,
  head: undefined,
  feedback: [],
  noteRef: undefined,
  spent: { turns: 0, usage: noUsage, wallMs: 0, attempts: 0 },
  caps,
  ...(watched ? { marks: [] } : {}),
});

/**
 * The newest, and beside it the newest of another kind: neither "you changed nothing" nor a look must push out which test is red.
 */
export const remember = (life: BeadLife, feedback: Feedback): Pick<BeadLife, 'feedback' | 'red'> => {
  const work = saysOfWork(feedback) ? undefined : life.feedback.findLast(saysOfWork);
  const before = work ?? life.feedback.findLast(({ kind }) => kind !== feedback.kind) ?? life.feedback.at(-1);
  return {
    feedback: before === undefined ? [feedback] : [before, feedback],
    ...(isRed(feedback) ? { red: feedback } : {}),
  };
};

/**
 * The worktree is there. Work on the branch that this life does not know of is gated first: a run before this one made
 * it, and asking the model for it again would cost tokens and change nothing (G4, G6).
 */
export const opened = (life: BeadLife, at: { base: string; head: string }): BeadLife => ({
  ...life,
  base: at.base,
  head: at.head,
  todo: at.head === at.base ? 'compose' : life.todo === 'open' || at.head !== life.head ? 'gates' : life.todo,
});

/** Branch or worktree are not what this life remembers: git may be ahead of it, so it looks there first (G4). */
export const mislaid = (life: BeadLife): BeadLife => ({ ...withoutSpares(life), todo: 'open' });

/** Other work that a reply has found. */
export const proposed = (life: BeadLife, more: readonly Proposal[] | undefined): BeadLife => {
  const proposals = withProposals(life.proposals, more);
  return proposals === undefined ? life : { ...life, proposals };
};

export const startTurn = (life: BeadLife): BeadLife => ({
  ...life,
  turn: life.turn + 1,
  spent: { ...life.spent, turns: life.spent.turns + 1 },
});

/** The town's trouble left the turn without a reply: its calls are charged, the turn is not the bead's. */
export const unanswered = (life: BeadLife): BeadLife => ({
  ...life,
  spent: { ...life.spent, turns: Math.max(0, life.spent.turns - 1) },
});

/** G7: failed, cut and unparsed calls are charged like good ones. */
export const charge = (life: BeadLife, usage: Usage): BeadLife => ({
  ...life,
  spent: { ...life.spent, usage: addUsage(life.spent.usage, usage) },
});

export const worked = (life: BeadLife, ms: number): BeadLife => ({
  ...life,
  spent: { ...life.spent, wallMs: life.spent.wallMs + Math.max(0, ms) },
});

/** The mark that a turn leaves, where somebody looks for circles. */
export const marked = (
  { marks }: BeadLife,
  { kind, summary }: { readonly kind: string; readonly summary: string },
  of: Pick<StallMark, 'reply' | 'tree'>,
): Pick<BeadLife, 'marks'> =>
  marks === undefined ? {} : { marks: withMark(marks, { ...of, kind, result: summary }) };

/** They were asked of another prompt, for another head. */
export const withoutSpares = ({ spares: _, ...life }: BeadLife): BeadLife => life;

/** A resumed bead counts a new attempt, so that an old submission's verdict can never be taken for the new one's. */
export const resumed = (life: BeadLife, more: Partial<Caps>): BeadLife => ({
  ...life,
  attempt: life.attempt + 1,
  caps: raise(life.caps, more),
});
