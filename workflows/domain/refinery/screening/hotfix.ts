import type { Decision, LiveRun, QueueState } from './queue.ts';

/** A run of a hotfix alone on main as it is: nothing lands before it ends. */
export const hotfixRun = (state: QueueState): LiveRun | undefined => {
  const hotfixes = new Set(state.waiting.filter(({ hotfix }) => hotfix === true).map(({ id }) => id));
  return state.running.find(
    ({ members, stale }) => !stale && members.length === 1 && hotfixes.has(members[0] ?? -1),
  );
};

/**
 * A hotfix has a slot of its own: where none is free the youngest run of a group gives way. Undefined: there is none to start. What
 * else runs stays what it is, evidence.
 */
export const startHotfix = (state: QueueState): Pick<Decision, 'cancel' | 'start'> | undefined => {
  const running = hotfixRun(state);
  // One that is red itself mends nothing: it waits for what the plan makes of it.
  const next = state.waiting.find(({ hotfix, loneFailures }) => hotfix === true && loneFailures.length < 2);
  if (next === undefined || running !== undefined) return;
  const start = [{ members: [next.id], purpose: 'lone' }] as const;
  if (state.running.length < state.slots) return { start, cancel: [] };
  const youngest = state.running.findLast(({ purpose }) => purpose !== 'base') ?? state.running.at(-1);
  return { start, cancel: youngest === undefined ? [] : [youngest.id] };
};
