/** What came of a reply, of gates, a reviewer and the Refinery, in the life of a bead. */
import { type BeadLife, marked, remember, withoutSpares } from './beadLife.ts';
import type { Feedback } from './feedback.ts';
import { type Look, withLook } from './look.ts';
import type { ReviewVerdict, Unseen } from './review.ts';
import type { StallMark } from './stall.ts';

/** So many unusable replies in a row are one failed try: the model has lost the form. */
export const refusalsPerFailure = 4;

export const applied = (life: BeadLife, head: string): BeadLife => ({
  ...life,
  head,
  todo: 'gates',
  refusals: 0,
  ...(life.malformed === undefined ? {} : { malformed: 0 }),
  ...(life.reviewed === undefined ? {} : { reviewed: { rounds: life.reviewed.rounds } }),
});

/** The town has formatted what the polecat wrote. */
export const formatted = (life: BeadLife, head: string): BeadLife => ({ ...life, head });

/** The text that the bead was to make has passed its checks. */
export const reported = (life: BeadLife, reportRef: string): BeadLife => ({ ...life, reportRef });

/** A command was run for the polecat: a turn that changes nothing, and no failed one. */
export const looked = (life: BeadLife, look: Look, replyRef: string, studies = false): BeadLife => {
  const feedback: Feedback = { kind: 'looked', summary: `looked: ${look.command} (${look.ended})`, ref: '' };
  const next: BeadLife = {
    ...life,
    todo: 'compose',
    looks: withLook(life.looks, look),
    ...remember(life, feedback),
    // Who is to report has nothing else to do than to look: only the same look again is a circle.
    ...marked(life, studies ? { ...feedback, kind: 'studied' } : feedback, { reply: replyRef, tree: '' }),
  };
  return allTriedInVain(life) ? { ...withoutSpares(next), ...failed(next) } : next;
};

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
  if (allTriedInVain(life)) return { ...withoutSpares(next), ...failed(next) };
  return refusals < refusalsPerFailure ? next : { ...next, ...failed(next) };
};

/** `of`: the reply whose files were gated, and their tree. */
export const gatesRed = (
  life: BeadLife,
  feedback: Feedback,
  of: Pick<StallMark, 'reply' | 'tree'> = { reply: '', tree: '' },
): BeadLife => ({
  ...withoutSpares(life),
  ...failed(life),
  todo: 'compose',
  ...remember(life, feedback),
  ...marked(life, feedback, of),
});

/** One of several replies to the same prompt was red: the next one is tried, and all of them are one try. */
export const spareRed = (life: BeadLife, feedback: Feedback): BeadLife => ({
  ...life,
  todo: 'compose',
  ...(life.spares === undefined ? {} : { spares: { ...life.spares, red: true } }),
  ...remember(life, feedback),
});

/** What went round in circles before has come out of them. */
export const gatesGreen = ({ red: _, spares: __, ...life }: BeadLife): BeadLife => ({
  ...life,
  todo: 'submit',
  ...(life.marks === undefined ? {} : { marks: [] }),
});

/** Takes the next of the further replies to the last prompt. */
export const takeSpare = (
  life: BeadLife,
): { readonly life: BeadLife; readonly replyRef: string; readonly head: string } | undefined => {
  const { spares, ...rest } = life;
  const [replyRef, ...replyRefs] = spares?.replyRefs ?? [];
  if (spares === undefined || replyRef === undefined) return;
  const { head, red } = spares;
  const over = replyRefs.length === 0 && red === undefined;
  return { life: over ? rest : { ...rest, spares: { ...spares, replyRefs } }, replyRef, head };
};

/** The last of several replies is out of the way, and one before it was red. */
const allTriedInVain = ({ spares }: BeadLife): boolean =>
  spares?.red === true && spares.replyRefs.length === 0;

/** What the reviewer said. Being sent back is no failed try: rounds have a bound of their own. */
export const reviewed = (life: BeadLife, verdict: ReviewVerdict | Unseen): BeadLife => {
  const rounds = life.reviewed?.rounds ?? 0;
  if (verdict.verdict === 'unseen')
    return { ...life, reviewed: { rounds, passed: true, unseen: verdict.why } };
  if (verdict.verdict === 'approve') return { ...life, reviewed: { rounds, passed: true } };
  const feedback: Feedback = { kind: 'review', summary: verdict.summary, ref: verdict.ref };
  return { ...life, todo: 'compose', reviewed: { rounds: rounds + 1 }, ...remember(life, feedback) };
};

/** The reviewer had answered when the bead was stopped: read when it goes on, as long as the work is the same. */
export const keptReview = (life: BeadLife, replyRef: string): BeadLife => ({
  ...life,
  reviewed: { rounds: 0, ...life.reviewed, kept: { head: life.head ?? '', replyRef } },
});

/** Whether the work is green as it stands, and only its reviewer wants more: whatever was looked at or refused since. */
export const isSentBackGreen = ({ base, head, red, reviewed: seen }: BeadLife): boolean =>
  head !== base && red === undefined && (seen?.rounds ?? 0) > 0;

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

const failed = (life: BeadLife): Pick<BeadLife, 'attempt' | 'failures' | 'refusals' | 'spent'> => ({
  attempt: life.attempt + 1,
  failures: life.failures + 1,
  refusals: 0,
  spent: { ...life.spent, attempts: life.spent.attempts + 1 },
});
