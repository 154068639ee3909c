import { clip, type Failure } from '../failure.ts';
import type { Composed, Delivery, Group, GroupMember, Reduced, RefineryState } from './refineryState.ts';
import { type SubmissionId, submissionIdOf, submissionKey, type Verdict } from './submission.ts';

/** The newest verdicts that are remembered. */
const maxSettled = 256;

export const only = (state: RefineryState): Reduced => ({ state, verdicts: [] });

export const isOneOf = (keys: readonly string[], one: SubmissionId): boolean =>
  keys.includes(submissionKey(one));

export const isKeyWaiting = (state: RefineryState, key: string): boolean =>
  state.waiting.some((one) => submissionKey(one) === key);

export const isWaiting = (state: RefineryState, id: SubmissionId): boolean =>
  isKeyWaiting(state, submissionKey(id));

export const isLanding = (state: RefineryState, id: SubmissionId): boolean =>
  state.work.at === 'landing' && isOneOf(state.work.group.members.map(submissionKey), id);

/** Whether all members still want to land. A group without one of them is another group, to be composed anew. */
export const isWhole = (state: RefineryState, group: Group): boolean =>
  group.members.every((one) => isWaiting(state, one));

export const verdictOf = (state: RefineryState, id: SubmissionId): Verdict | undefined =>
  state.settled.findLast((verdict) => submissionKey(verdict) === submissionKey(id));

export const withdrawal = (id: SubmissionId): Verdict => ({ ...submissionIdOf(id), outcome: 'withdrawn' });

type Answer =
  | { readonly outcome: 'landed'; readonly commit: string }
  | { readonly outcome: 'sentBack'; readonly failure: Failure; readonly evidenceRef: string | undefined };

/** Undefined when the bead withdrew meanwhile: it has its verdict. */
export const delivery = (state: RefineryState, id: SubmissionId, answer: Answer): Delivery | undefined => {
  const one = state.waiting.find((waiting) => submissionKey(waiting) === submissionKey(id));
  return one && { workflowId: one.workflowId, verdict: { ...submissionIdOf(id), ...answer } };
};

export const landedOf = (state: RefineryState, members: readonly GroupMember[]): Delivery[] =>
  members
    .map((one) => delivery(state, one, { outcome: 'landed', commit: one.commit } as const))
    .filter((one) => one !== undefined);

export const conflictsOf = (state: RefineryState, conflicts: Composed['conflicts']): Delivery[] =>
  conflicts
    .map(({ failure, evidenceRef, ...one }) =>
      delivery(state, one, { outcome: 'sentBack', failure, evidenceRef } as const),
    )
    .filter((one) => one !== undefined);

/** Takes what has its verdict out of the queue. */
export const settle = (state: RefineryState, verdicts: readonly Delivery[]): Reduced => {
  const keys = verdicts.map(({ verdict }) => submissionKey(verdict));
  const count = (outcome: Verdict['outcome']): number =>
    verdicts.filter(({ verdict }) => verdict.outcome === outcome).length;
  return {
    verdicts,
    state: {
      ...state,
      waiting: state.waiting.filter((one) => !isOneOf(keys, one)),
      suspects: state.suspects.filter((key) => !keys.includes(key)),
      settled: remembered(state.settled, verdicts),
      landed: state.landed + count('landed'),
      sentBack: state.sentBack + count('sentBack'),
    },
  };
};

/** The newest verdicts, oldest first. */
export const remembered = (settled: readonly Verdict[], verdicts: readonly Delivery[]): readonly Verdict[] =>
  [...settled, ...verdicts.map(({ verdict }) => short(verdict))].slice(-maxSettled);

/** What is remembered of a verdict: 256 long evidences would not travel well (Q6). */
const short = (verdict: Verdict): Verdict =>
  verdict.outcome === 'sentBack'
    ? { ...verdict, failure: { ...verdict.failure, evidence: clip(verdict.failure.evidence, 300) } }
    : verdict;

export const suspect = (state: RefineryState, group: Group): RefineryState => {
  const members = group.members.filter((one) => isWaiting(state, one)).map(submissionKey);
  const suspects = [...state.suspects, ...members.filter((key) => !state.suspects.includes(key))];
  return { ...state, suspects, work: { at: 'idle' } };
};

export const groupOf = (answer: Composed): Group | undefined => {
  const { base, baseTree, gateHash, commit, tree, members } = answer;
  if (commit === undefined || tree === undefined) return;
  return { base, baseTree, gateHash, commit, tree, members, upstream: answer.upstream?.tip };
};

/** The group of nobody: its commit is the base itself, to be tested for the sake of those who conflict with it. */
export const nobody = ({ base, baseTree, gateHash }: Composed): Group => ({
  base,
  baseTree,
  gateHash,
  commit: base,
  tree: baseTree,
  members: [],
  upstream: undefined,
});

/** Whether the base of an answer is known to be green under the gates of now. */
export const isTrusted = ({ green }: RefineryState, { base, gateHash }: Composed): boolean =>
  green?.commit === base && green.gateHash === gateHash;

/** Stops the queue and drops the group; its members keep their place. */
export const stop = (
  state: RefineryState,
  failure: Failure,
  seen: string | undefined,
  verdicts: readonly Delivery[] = [],
): Reduced => {
  const { state: next, verdicts: gone } = letGo(state);
  return { state: { ...next, stopped: { failure, seen }, looking: false }, verdicts: [...verdicts, ...gone] };
};

/** After a landing that did not happen: what wanted to withdraw meanwhile may go, the rest keeps its place. */
export const letGo = (state: RefineryState): Reduced => {
  const gone = state.waiting
    .filter((one) => isOneOf(state.withdrawing, one))
    .map((one) => ({ workflowId: one.workflowId, verdict: withdrawal(one) }));
  return settle({ ...state, withdrawing: [], work: { at: 'idle' } }, gone);
};

/** What a stop was decided on. */
export const seenOf = (of: Pick<Composed, 'base' | 'gateHash'> & { readonly upstream: unknown }): string => {
  const { upstream } = of;
  const tip =
    typeof upstream === 'string' ? upstream : ((upstream as { tip: string } | undefined)?.tip ?? '');
  return `${of.base} ${of.gateHash} ${tip}`;
};
