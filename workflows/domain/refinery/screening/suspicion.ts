import type { QueueState, Waiting } from './queue.ts';

/** A failed run as evidence: at least one of these is bad, or quarrels with what has landed. */
export interface Suspicion {
  readonly members: readonly number[];
}

/**
 * Suspicions without what is explained: the good and the gone are let off, one that holds a convict is met, one that contains
 * another says nothing more. Who is suspected alone is a convict.
 */
export const tidied = (state: QueueState): QueueState => {
  if (state.suspicions.length === 0) return state;
  const byId = new Map(state.waiting.map((one) => [one.id, one]));
  const convicts = new Set<number>();
  const isConvict = (id: number): boolean => convicts.has(id) || byId.get(id)?.convictedAt !== undefined;
  let open = state.suspicions.map(({ members }) => members.filter((id) => isSuspect(byId.get(id))));
  for (let settled = false; !settled; ) {
    settled = true;
    open = open.filter((members) => members.length > 0 && !members.some(isConvict));
    for (const [only, ...others] of open) {
      if (only === undefined || others.length > 0 || isConvict(only)) continue;
      convicts.add(only);
      settled = false;
    }
  }
  const suspicions = withoutSupersets(open).map((members) => ({ members }));
  if (convicts.size === 0) return { ...state, suspicions };
  const waiting = state.waiting.map((one) =>
    convicts.has(one.id) ? { ...one, convictedAt: one.convictedAt ?? state.now } : one,
  );
  return { ...state, suspicions, waiting };
};

const isSuspect = (one: Waiting | undefined): boolean => one !== undefined && !one.clean;

/** A set that failed again is so much less likely a flake; beyond this it makes no difference. */
const mostTimes = 3;

/** Smallest first; each set as often as it failed. */
const withoutSupersets = (sets: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const kept: (readonly number[])[] = [];
  for (const set of sets.toSorted((a, b) => a.length - b.length)) {
    const members = new Set(set);
    const inside = kept.filter((smaller) => smaller.every((id) => members.has(id)));
    const isAgain = inside.every(({ length }) => length === set.length);
    if (isAgain && inside.length < mostTimes) kept.push(set);
  }
  return kept;
};
