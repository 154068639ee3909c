import type { Feedback } from './feedback.ts';

/**
 * What a model is told that says NOTHING TO CHANGE (G3). Weak ones say so in passing, and a gate that the bead names is green
 * on the target by G2, so one such line must not close a bead: only who insists is taken at the word, and put to the gate.
 */
export const claimAnswer = (namesGates: boolean): Feedback => ({
  kind: 'unchanged',
  summary: namesGates
    ? 'The reply says NOTHING TO CHANGE, but the task is open. Read the files again, line by line, and reply with what is missing; only where truly all of it is there, say so again.'
    : 'The reply says NOTHING TO CHANGE, but nothing shows that the task is done already. Do the task: reply with the changed files.',
  ref: '',
});

/** Whether the model was told just that in its last turn, and says it again. */
export const insists = (feedback: readonly Feedback[], answer: Feedback): boolean =>
  feedback.at(-1)?.summary === answer.summary;
