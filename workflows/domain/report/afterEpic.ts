import type { Failure } from '../failure.ts';

/**
 * What to do about a bead that did not land, once its epic has ended: an epic starts beads, so nobody is left who could
 * hear `gt resume`. Failures that name another way stay as they are. `launchedWith`: what stood behind `gt convoy launch`.
 */
export const afterEpic = (failure: Failure, bead: string, launchedWith = 'PLAN'): Failure =>
  /\bgt resume\b/.test(failure.next)
    ? { ...failure, next: `${first(failure, bead)} ${again(bead, launchedWith)}` }
    : failure;

const again = (bead: string, launchedWith: string): string =>
  isProse(launchedWith)
    ? `Take the mayor’s plan: gt plan show ${bead.split('/')[0]} --yaml > plan.yaml; change it, and launch it (what has landed is skipped): gt convoy launch plan.yaml`
    : `Launch the plan again (what has landed is skipped): gt convoy launch ${launchedWith}`;

/** An epic that a mayor planned: its beads can only be changed in the plan that came of it. */
const isProse = (launchedWith: string): boolean =>
  /^(?:'.*\.(?:md|markdown|txt)'|\S+\.(?:md|markdown|txt))(?: --|$)/i.test(launchedWith);

const first = ({ type }: Failure, bead: string): string => {
  if (type === 'BudgetExhausted')
    return 'Its epic has ended. Raise the cap under `limits.bead` in the configuration.';
  if (type === 'AttemptsExhausted')
    return `Its epic has ended. Read the turns with: gt bead log ${bead}; then reword the task, or allow more tries under \`limits.bead\` in the configuration.`;
  if (type === 'Stalled')
    return `Its epic has ended. Read the turns with: gt bead log ${bead}; then reword or split the task, or give its tier another model.`;
  return 'Its epic has ended.';
};
