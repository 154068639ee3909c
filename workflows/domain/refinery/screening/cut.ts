import type { QueueState, Start } from './queue.ts';

/** A confirm that failed although all of it had passed apart: its prefixes are tested to find whom it quarrels with. */
export interface Cut {
  /** The run that failed. */
  readonly run: number;
  readonly members: readonly number[];
  /** The length of the shortest prefix that is known to fail; undefined: none was tested yet. */
  readonly shortest: number | undefined;
}

/** The cut without what is gone or known; a branch that is left alone in it is a convict. */
export const cutAgain = (state: QueueState): QueueState => {
  const { cut } = state;
  if (cut === undefined || state.running.some((run) => run.cut === cut.run)) return state;
  const waits = new Set(state.waiting.map(({ id }) => id));
  const prefix = cut.members.slice(0, cut.shortest).filter((id) => waits.has(id));
  const [only] = prefix;
  if (prefix.length > 1) return { ...state, cut: { run: cut.run, members: prefix, shortest: undefined } };
  return {
    ...state,
    cut: undefined,
    waiting: state.waiting.map((one) =>
      one.id === only ? { ...one, clean: false, convictedAt: one.convictedAt ?? state.now } : one,
    ),
  };
};

/** Prefixes of a failed confirm, the whole of it among them: that may have been a flake. */
export const cutRuns = (cut: Cut, slots: number, free: number): readonly Start[] => {
  const { length } = cut.members;
  const parts = Math.min(length, Math.max(2, slots >> 2), free);
  return Array.from({ length: parts }, (_, part) => ({
    members: cut.members.slice(0, Math.ceil((length * (part + 1)) / parts)),
    purpose: 'cut',
    cut: cut.run,
  }));
};
