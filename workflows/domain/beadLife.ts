/**
 * The rules of a bead's life as a value: what has been done, spent and learned, and what comes next. It is all that a
 * parked bead carries into its next run.
 */
import { raise } from './allowance.ts';
import type { Caps, Spent } from './bead.ts';
import { type Feedback, isRed, isRefusal } from './feedback.ts';
import { type Look, withLook } from './look.ts';
import { addUsage, noUsage, type Usage } from './model.ts';
import { type Proposal, withProposals } from './proposal.ts';
import type { Reviewed, ReviewVerdict } from './review.ts';
import type { Spares } from './samples.ts';
import { type StallMark, withMark } from './stall.ts';
import { heard, type Told } from './told.ts';

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

/** So many unusable replies in a row are one failed try: the model has lost the form. */
export const refusalsPerFailure = 4;

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

/** The newest, and beside it the newest of another kind: "you changed nothing" must not push out which test is red. */
const remember = (life: BeadLife, feedback: Feedback): Pick<BeadLife, 'feedback' | 'red'> => {
  const work = isRefusal(feedback) ? life.feedback.findLast((one) => !isRefusal(one)) : undefined;
  const before = work ?? life.feedback.findLast(({ kind }) => kind !== feedback.kind) ?? life.feedback.at(-1);
  return {
    feedback: before === undefined ? [feedback] : [before, feedback],
    ...(isRed(feedback) ? { red: feedback } : {}),
  };
};

const failed = (life: BeadLife): Pick<BeadLife, 'attempt' | 'failures' | 'refusals' | 'spent'> => ({
  attempt: life.attempt + 1,
  failures: life.failures + 1,
  refusals: 0,
  spent: { ...life.spent, attempts: life.spent.attempts + 1 },
});

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

export const applied = (life: BeadLife, head: string): BeadLife => ({
  ...life,
  head,
  todo: 'gates',
  refusals: 0,
  ...(life.malformed === undefined ? {} : { malformed: 0 }),
  ...(life.reviewed === undefined ? {} : { reviewed: { rounds: life.reviewed.rounds } }),
});

/** The server counted more for the prompt than its model has room for: the next one is shorter, and no turn is lost. */
export const tooLong = (life: BeadLife): BeadLife => ({
  ...unanswered(life),
  squeezed: (life.squeezed ?? 0) + 1,
});

/** The last prompt fitted. */
export const fitting = ({ squeezed: _, ...life }: BeadLife): BeadLife => life;

/** So often a prompt is made shorter before another model is asked, or a person. */
export const mostSqueezes = 2;

/** The town has formatted what the polecat wrote. */
export const formatted = (life: BeadLife, head: string): BeadLife => ({ ...life, head });

/** The text that the bead was to make has passed its checks. */
export const reported = (life: BeadLife, reportRef: string): BeadLife => ({ ...life, reportRef });

/** A command was run for the polecat: a turn that changes nothing, and no failed one. */
export const looked = (life: BeadLife, look: Look, replyRef: string): BeadLife => {
  const feedback: Feedback = { kind: 'looked', summary: `looked: ${look.command} (${look.ended})`, ref: '' };
  return {
    ...life,
    todo: 'compose',
    looks: withLook(life.looks, look),
    ...remember(life, feedback),
    ...marked(life, feedback, { reply: replyRef, tree: '' }),
  };
};

/** What somebody tells it; the next prompts have it. */
export const toldSo = (life: BeadLife, words: readonly Told[]): BeadLife =>
  words.length === 0 ? life : { ...life, told: words.reduce(heard, life.told ?? []) };

/**
 * A reply that could not be applied: the same try goes on, unless the model has lost the form altogether. `replyRef` is empty
 * for one that never ended.
 */
export const refused = (life: BeadLife, feedback: Feedback, replyRef = ''): BeadLife => {
  const refusals = life.refusals + 1;
  const next = {
    ...life,
    todo: 'compose' as const,
    refusals,
    ...(feedback.kind === 'malformed' ? { malformed: (life.malformed ?? 0) + 1 } : {}),
    ...remember(life, feedback),
    ...marked(life, feedback, { reply: replyRef, tree: '' }),
  };
  return refusals < refusalsPerFailure ? next : { ...next, ...failed(next) };
};

/** `of`: the reply whose files were gated, and their tree. */
export const gatesRed = (
  life: BeadLife,
  feedback: Feedback,
  of: Pick<StallMark, 'reply' | 'tree'> = { reply: '', tree: '' },
): BeadLife => ({
  ...life,
  ...failed(life),
  todo: 'compose',
  ...remember(life, feedback),
  ...marked(life, feedback, of),
});

/** One of several replies to the same prompt was red: the next one is tried, and all of them are one try. */
export const spareRed = (life: BeadLife, feedback: Feedback): BeadLife => ({
  ...life,
  todo: 'compose',
  ...remember(life, feedback),
});

/** Takes the next of the further replies to the last prompt. */
export const takeSpare = (
  life: BeadLife,
): { readonly life: BeadLife; readonly replyRef: string; readonly head: string } | undefined => {
  const { spares, ...rest } = life;
  const [replyRef, ...replyRefs] = spares?.replyRefs ?? [];
  if (spares === undefined || replyRef === undefined) return;
  const { head } = spares;
  return { life: replyRefs.length === 0 ? rest : { ...rest, spares: { head, replyRefs } }, replyRef, head };
};

/** What the reviewer said. Being sent back is no failed try: rounds have a bound of their own. */
export const reviewed = (life: BeadLife, verdict: ReviewVerdict): BeadLife => {
  const rounds = life.reviewed?.rounds ?? 0;
  if (verdict.verdict === 'approve') return { ...life, reviewed: { rounds, passed: true } };
  const feedback: Feedback = { kind: 'review', summary: verdict.summary, ref: verdict.ref };
  return { ...life, todo: 'compose', reviewed: { rounds: rounds + 1 }, ...remember(life, feedback) };
};

const marked = (
  { marks }: BeadLife,
  { kind, summary }: Feedback,
  of: Pick<StallMark, 'reply' | 'tree'>,
): Pick<BeadLife, 'marks'> =>
  marks === undefined ? {} : { marks: withMark(marks, { ...of, kind, result: summary }) };

/** What went round in circles before has come out of them. */
export const gatesGreen = ({ red: _, spares: __, ...life }: BeadLife): BeadLife => ({
  ...life,
  todo: 'submit',
  ...(life.marks === undefined ? {} : { marks: [] }),
});

export const sentBack = (life: BeadLife, feedback: Feedback | undefined): BeadLife => ({
  ...withoutSpares(life),
  ...failed(life),
  todo: 'rebase',
  ...(feedback === undefined ? {} : remember(life, feedback)),
});

/** Taken out of the queue without our asking, by a run before this one: the same work needs another number. */
export const submitAgain = (life: BeadLife): BeadLife => ({ ...life, attempt: life.attempt + 1 });

/** On the target's tip again: clean work is gated there, lost work is written anew with the conflict as evidence. */
export const rebased = (
  life: BeadLife,
  at: { base: string; head: string; feedback: Feedback | undefined },
): BeadLife => ({
  ...life,
  base: at.base,
  head: at.head,
  todo: at.head === at.base ? 'compose' : 'gates',
  ...(at.feedback === undefined ? {} : remember(life, at.feedback)),
});

/**
 * The rung that a hand-over leads to, and what to write of it. A model that is not on the ladder changes nothing but what
 * is written: the request was a signal, which nobody could refuse.
 */
export const handoverOf = (
  request: { readonly reason: string; readonly model?: string },
  ladder: readonly string[],
  present: number,
): { readonly rung: number | undefined; readonly said: string } => {
  const { reason, model } = request;
  const at = model === undefined ? -1 : ladder.indexOf(model);
  if (model === undefined || at >= 0) return { rung: at < 0 ? undefined : at, said: reason };
  const known = `its ladder of models is ${ladder.join(', ')}`;
  return {
    rung: undefined,
    said: `${reason} (goes on with ${ladder[present] ?? ladder[0]}, not with ${JSON.stringify(model)}: ${known})`,
  };
};

/** A hand-over moves nothing but the conversation: worktree, branch and attempts stay. */
export const handedOver = (
  life: BeadLife,
  noteRef: string | undefined,
  rung: number | undefined,
): BeadLife => ({
  ...withoutSpares(withoutLooks(life)),
  noteRef,
  conversation: life.conversation + 1,
  refusals: 0,
  feedback: [],
  ...(life.malformed === undefined ? {} : { malformed: 0 }),
  ...(life.marks === undefined ? {} : { marks: [] }),
  ...(rung === undefined || rung === life.rung ? {} : { rung, failures: 0, ...onNewRung(life) }),
});

/** They were asked of another prompt, for another head. */
const withoutSpares = ({ spares: _, ...life }: BeadLife): BeadLife => life;

const withoutLooks = ({ looks: _, ...life }: BeadLife): BeadLife => life;

/** Another model is another chance for every remedy. */
const onNewRung = ({ marks }: BeadLife): Pick<BeadLife, 'marks' | 'remedies'> =>
  marks === undefined ? {} : { marks: [], remedies: 0 };

/** A resumed bead counts a new attempt, so that an old submission's verdict can never be taken for the new one's. */
export const resumed = (life: BeadLife, more: Partial<Caps>): BeadLife => ({
  ...life,
  attempt: life.attempt + 1,
  caps: raise(life.caps, more),
});

export const climbed = (life: BeadLife, rung: number): BeadLife => ({
  ...life,
  rung,
  failures: 0,
  refusals: 0,
  ...onNewRung(life),
});
