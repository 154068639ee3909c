/**
 * The rules of a bead's life as a value: what has been done, spent and learned, and what comes next. It is all that a
 * parked bead carries into its next run.
 */
import { overCap, raise } from './allowance.ts';
import type { Caps, Spent } from './bead.ts';
import { clip, type Failure } from './failure.ts';
import { type Feedback, feedbackLine, isRed, isRefusal } from './feedback.ts';
import { addUsage, noUsage, type Usage } from './model.ts';
import { type Proposal, withProposals } from './proposal.ts';
import { type StallMark, withMark } from './stall.ts';

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
export const mislaid = (life: BeadLife): BeadLife => ({ ...life, todo: 'open' });

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
});

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

const marked = (
  { marks }: BeadLife,
  { kind, summary }: Feedback,
  of: Pick<StallMark, 'reply' | 'tree'>,
): Pick<BeadLife, 'marks'> =>
  marks === undefined ? {} : { marks: withMark(marks, { ...of, kind, result: summary }) };

/** What went round in circles before has come out of them. */
export const gatesGreen = ({ red: _, ...life }: BeadLife): BeadLife => ({
  ...life,
  todo: 'submit',
  ...(life.marks === undefined ? {} : { marks: [] }),
});

export const sentBack = (life: BeadLife, feedback: Feedback | undefined): BeadLife => ({
  ...life,
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
  ...life,
  noteRef,
  conversation: life.conversation + 1,
  refusals: 0,
  feedback: [],
  ...(life.marks === undefined ? {} : { marks: [] }),
  ...(rung === undefined || rung === life.rung ? {} : { rung, failures: 0, ...onNewRung(life) }),
});

/** Another model is another chance for every remedy. */
const onNewRung = ({ marks }: BeadLife): Pick<BeadLife, 'marks' | 'remedies'> =>
  marks === undefined ? {} : { marks: [], remedies: 0 };

/** A resumed bead counts a new attempt, so that an old submission's verdict can never be taken for the new one's. */
export const resumed = (life: BeadLife, more: Partial<Caps>): BeadLife => ({
  ...life,
  attempt: life.attempt + 1,
  caps: raise(life.caps, more),
});

export type Limit =
  | { readonly kind: 'go' }
  /** The next rung of the ladder of models takes over. */
  | { readonly kind: 'climb'; readonly rung: number }
  | { readonly kind: 'blocked'; readonly failure: Failure };

/** Whether another turn may start, by caps first, then by failed tries. `trouble`: why the last calls brought no reply. */
export const limitOf = (life: BeadLife, bead: string, rungs: number, trouble?: Failure): Limit => {
  const cap = overCap(life.spent, { ...life.caps, attempts: Number.POSITIVE_INFINITY });
  if (cap !== undefined && cap !== 'attempts') {
    return {
      kind: 'blocked',
      failure: {
        type: 'BudgetExhausted',
        what: `The bead has used up its ${capWords[cap].noun}.`,
        evidence:
          trouble === undefined
            ? lastEvidence(life)
            : clip(`${trouble.type}: ${trouble.what}\n${trouble.evidence}`),
        next: `Raise the cap and go on: gt resume ${bead} --${capWords[cap].flag} N`,
      },
    };
  }
  if (life.failures < life.caps.attempts) return { kind: 'go' };
  if (life.rung + 1 < rungs) return { kind: 'climb', rung: life.rung + 1 };
  return {
    kind: 'blocked',
    failure: {
      type: 'AttemptsExhausted',
      what: `${life.spent.attempts === 1 ? '1 try' : `${life.spent.attempts} tries`} failed and no other model is left to ask.`,
      evidence: lastEvidence(life),
      next: `Read the turns with: gt bead log ${bead}; then reword the task, or allow more tries: gt resume ${bead} --attempts 2`,
    },
  };
};

export const climbed = (life: BeadLife, rung: number): BeadLife => ({
  ...life,
  rung,
  failures: 0,
  refusals: 0,
  ...onNewRung(life),
});

const capWords = {
  turns: { noun: 'turns', flag: 'turns' },
  tokens: { noun: 'tokens', flag: 'tokens' },
  wallMs: { noun: 'time', flag: 'minutes' },
} as const;

/** What the newest failures were, and before them which test is red, whatever was refused since. */
export const remembered = ({ feedback, red }: BeadLife): readonly Feedback[] =>
  red === undefined || feedback.some(isRed) ? feedback : [red, ...feedback];

/** The same for people, a line each. */
export const lastEvidence = (life: BeadLife): string =>
  remembered(life).map(feedbackLine).join('\n') || 'No reply could be used so far.';
