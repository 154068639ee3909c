/**
 * The merge queue of one rig and branch, as a reducer: the workflow feeds in what happened and carries out `nextStep`.
 *
 * Q1 Every submission ends with exactly one verdict, or is waiting (it may be told the same verdict again).
 * Q2 Only what was tested green as a whole, on a base known to be green, is landed (G2).
 * Q3 Nobody is sent back on evidence of a group: only for a conflict with the target itself while that is known to be
 *    green, or red twice alone (I4).
 * Q4 A red base stops the queue; it is never a licence to merge (I5).
 * Q5 Submissions keep their order of arrival.
 * Q6 The state is plain JSON of bounded size, since it travels through continue-as-new.
 */
import { baseRed, gateRed, nothingComposed, upstreamRed } from './queueFailures.ts';
import {
  conflictsOf,
  delivery,
  groupOf,
  isKeyWaiting,
  isLanding,
  isOneOf,
  isTrusted,
  isWaiting,
  isWhole,
  landedOf,
  letGo,
  nobody,
  only,
  seenOf,
  settle,
  stop,
  suspect,
  verdictOf,
  withdrawal,
} from './queueParts.ts';
import type {
  Composed,
  Delivery,
  Reduced,
  RefineryEvent,
  RefineryState,
  Step,
  Tested,
  Work,
} from './refineryState.ts';
import { type Submission, type SubmissionId, submissionKey } from './submission.ts';

export const maxGroup = 16;

/** Keys of the next group: suspects alone, one by one and first, then up to 16 in order of arrival. */
export const chooseGroup = (
  waiting: readonly Submission[],
  suspects: readonly string[],
): readonly string[] => {
  const keys = waiting.map(submissionKey);
  const suspect = suspects.find((key) => keys.includes(key));
  return suspect === undefined ? keys.slice(0, maxGroup) : [suspect];
};

/** What to do now. Call it only when no step is under way. */
export const nextStep = (state: RefineryState): Step => {
  const { work } = state;
  if (work.at === 'landing') {
    const { base, commit, members } = work.group;
    return { kind: 'land', base, commit, members };
  }
  if (state.paused !== undefined) return { kind: 'wait', lookAgain: false };
  if (state.stopped !== undefined) {
    return state.looking ? { kind: 'compose', members: [] } : { kind: 'wait', lookAgain: true };
  }
  switch (work.at) {
    case 'idle':
      if (state.waiting.length === 0) return { kind: 'wait', lookAgain: false };
      return { kind: 'chooseGroup', waiting: state.waiting, suspects: state.suspects };
    case 'chosen':
      return { kind: 'compose', members: state.waiting.filter((one) => isOneOf(work.members, one)) };
    case 'testingBase': {
      const { base, baseTree, gateHash } = work.group;
      return { kind: 'test', of: 'base', commit: base, tree: baseTree, gateHash, run: work.run };
    }
    case 'testing': {
      const { commit, tree, gateHash } = work.group;
      return { kind: 'test', of: 'group', commit, tree, gateHash, run: work.run };
    }
    case 'green':
      // Unreachable: `resumed` turns it into `landing`.
      return { kind: 'wait', lookAgain: false };
  }
};

/** Takes one event in; returns the next state and the verdicts to deliver. */
export const reduceRefinery = (state: RefineryState, event: RefineryEvent): Reduced => {
  switch (event.kind) {
    case 'submitted':
      return submitted(state, event.submission);
    case 'withdrawn':
      return withdrawn(state, event.id, event.workflowId);
    case 'chosen':
      return only(chosen(state, event.keys));
    case 'composed':
      return composed(state, event.composed);
    case 'tested':
      return tested(state, event.tested);
    case 'landed':
      return landed(state);
    case 'stale':
      return letGo({ ...state, tip: event.tip });
    case 'failed':
      return stop(state, event.failure, undefined);
    case 'lookAgain':
      return only({ ...state, looking: state.stopped !== undefined });
    case 'paused':
      return only({ ...state, paused: event.reason });
    case 'resumed':
      return only(resumed(state));
  }
};

// ---- signals of beads ----

const submitted = (state: RefineryState, one: Submission): Reduced => {
  const { bead, workflowId } = one;
  if (isWaiting(state, one)) return only(state);
  const verdict = verdictOf(state, one);
  if (verdict !== undefined) return { state, verdicts: [{ workflowId, verdict }] };

  const others = state.waiting.filter((other) => other.bead === bead);
  if (others.some((other) => other.attempt > one.attempt)) {
    return settle(state, [{ workflowId, verdict: withdrawal(one) }]);
  }
  // What is landing keeps its place and its verdict to come; the newer attempt is then found landed.
  const landing = others.filter((other) => isLanding(state, other));
  const replaced = others.filter((other) => !landing.includes(other));
  const [first] = replaced;
  const place = first === undefined ? state.waiting.length : state.waiting.indexOf(first);
  const waiting = state.waiting.toSpliced(place, 0, one);
  const withdrawing = [...state.withdrawing, ...landing.map(submissionKey)];
  const gone = replaced.map((old) => ({ workflowId: old.workflowId, verdict: withdrawal(old) }));
  return settle({ ...state, waiting, withdrawing }, gone);
};

const withdrawn = (state: RefineryState, id: SubmissionId, workflowId: string): Reduced => {
  const known = verdictOf(state, id);
  if (known !== undefined) return { state, verdicts: [{ workflowId, verdict: known }] };
  if (isLanding(state, id)) {
    return only({ ...state, withdrawing: [...state.withdrawing, submissionKey(id)] });
  }
  // An unknown one is settled too: its `submit` may still be on the way.
  return settle(state, [{ workflowId, verdict: withdrawal(id) }]);
};

// ---- answers of steps ----

const chosen = (state: RefineryState, keys: readonly string[]): RefineryState => {
  const [first] = state.waiting;
  if (first === undefined) return { ...state, work: { at: 'idle' } };
  const fit = state.waiting.map(submissionKey).filter((key) => keys.includes(key));
  // A planner that chooses nothing must not stop the queue.
  const members = fit.length === 0 ? [submissionKey(first)] : fit.slice(0, maxGroup);
  return { ...state, work: { at: 'chosen', members } };
};

const composed = (state: RefineryState, answer: Composed): Reduced => {
  const seen = seenOf(answer);
  if (state.stopped !== undefined) {
    const clear = state.stopped.seen === undefined || state.stopped.seen !== seen;
    const next = { ...state, tip: answer.base, looking: false };
    return only(clear ? { ...next, stopped: undefined, work: { at: 'idle' } } : next);
  }

  const trusted = isTrusted(state, answer);
  // Somebody else's breakage must not cost a bead its tries: a tip is gated before anybody has to yield to it (G2).
  const doubted = trusted ? [] : answer.conflicts.filter(({ failure }) => failure.type === 'MergeConflict');
  const news: Delivery[] = [
    ...landedOf(state, answer.landed),
    ...conflictsOf(
      state,
      answer.conflicts.filter((one) => !doubted.includes(one)),
    ),
  ];
  const { state: next, verdicts } = settle({ ...state, tip: answer.base }, news);

  const { upstream } = answer;
  if (upstream?.conflict !== undefined) return stop(next, upstream.conflict, seen, verdicts);
  const conflicts = doubted.filter((one) => isWaiting(next, one));
  const group = groupOf(answer) ?? (conflicts.length > 0 ? nobody(answer) : undefined);
  if (group === undefined) {
    const asked = state.work.at === 'chosen' && state.work.members.some((key) => isKeyWaiting(next, key));
    // Members that neither merge nor conflict nor have landed would be composed for ever.
    if (asked && news.length === 0) return stop(next, nothingComposed(answer.base), undefined, verdicts);
    return { state: { ...next, work: { at: 'idle' } }, verdicts };
  }
  if (!isWhole(next, group)) return { state: { ...next, work: { at: 'idle' } }, verdicts };

  // The merge of a person's branch may be what repairs a red base, so it is tested without asking the base.
  if (trusted || group.upstream !== undefined) {
    return { state: { ...next, work: { at: 'testing', group, run: 1 } }, verdicts };
  }
  return { state: { ...next, work: { at: 'testingBase', group, conflicts, run: 1 } }, verdicts };
};

const tested = (state: RefineryState, answer: Tested): Reduced => {
  const { work } = state;
  if (work.at === 'testingBase') return baseTested(state, work, answer);
  if (work.at !== 'testing') return only(state);
  const { group, run } = work;
  if (answer.verdict === 'green') {
    if (!isWhole(state, group)) return only({ ...state, work: { at: 'idle' } });
    return only({ ...state, work: { at: state.paused === undefined ? 'landing' : 'green', group } });
  }
  if (group.members.length > 1) return only(suspect(state, group));
  const [alone] = group.members;
  if (alone !== undefined && !isWaiting(state, alone)) return only({ ...state, work: { at: 'idle' } });
  // Flakes must not convict (I4): a lone red is repeated once.
  if (run < 2) return only({ ...state, work: { at: 'testing', group, run: run + 1 } });
  if (alone === undefined) return stop(state, upstreamRed(state, group, answer), seenOf(group));
  const verdict = {
    outcome: 'sentBack',
    failure: gateRed(group, answer),
    evidenceRef: answer.feedback.ref,
  } as const;
  return settle(
    { ...state, work: { at: 'idle' } },
    [delivery(state, alone, verdict)].filter((one) => one !== undefined),
  );
};

const baseTested = (
  state: RefineryState,
  work: Extract<Work, { at: 'testingBase' }>,
  answer: Tested,
): Reduced => {
  const { group, run } = work;
  if (answer.verdict === 'green') {
    const green = { commit: group.base, gateHash: group.gateHash };
    const goesOn = group.members.length > 0 && isWhole(state, group);
    const next = goesOn ? ({ at: 'testing', group, run: 1 } as const) : ({ at: 'idle' } as const);
    return settle({ ...state, green, work: next }, conflictsOf(state, work.conflicts ?? []));
  }
  if (run < 2) return only({ ...state, work: { ...work, run: run + 1 } });
  return stop(state, baseRed(state, group, answer), seenOf(group));
};

const landed = (state: RefineryState): Reduced => {
  if (state.work.at !== 'landing') return only(state);
  const { group } = state.work;
  const verdicts = landedOf(state, group.members);
  const green = { commit: group.commit, gateHash: group.gateHash };
  return settle({ ...state, green, tip: group.commit, withdrawing: [], work: { at: 'idle' } }, verdicts);
};

const resumed = (state: RefineryState): RefineryState => {
  const next = { ...state, paused: undefined, stopped: undefined, looking: false };
  if (state.work.at !== 'green') return next;
  const { group } = state.work;
  return { ...next, work: isWhole(state, group) ? { at: 'landing', group } : { at: 'idle' } };
};
