import { hotfixRun } from './hotfix.ts';
import type { Base, Decision, QueueState } from './queue.ts';

const nothing = { reject: [], cancel: [], start: [], convict: [] } as const;

/** Main is known to be green again, or what lands now makes it so. */
export const opened = ({ closed: _, ...base }: Base): Base => base;

/**
 * Something landed without a test: only main itself is tested, in a slot that the youngest run gives up where none is free. What may
 * land is a hotfix that passed on a main that is known to be red, and so mends it: none is started before.
 */
export const whileClosed = (state: QueueState): Decision => {
  const mends = state.passed.find(({ members }) =>
    state.waiting.some(({ id, hotfix }) => hotfix === true && members.includes(id)),
  );
  if (mends !== undefined) return { ...nothing, land: mends.id };
  const isTested = state.running.some(({ purpose, stale }) => purpose === 'base' && !stale);
  if (isTested) return nothing;
  const youngest = state.running.findLast((run) => run !== hotfixRun(state)) ?? state.running.at(-1);
  const isFull = state.running.length >= state.slots;
  return {
    ...nothing,
    cancel: isFull && youngest !== undefined ? [youngest.id] : [],
    start: [{ members: [], purpose: 'base' }],
  };
};
