/**
 * The event log of a queue, folded into what is known. Pure and total: an event about a run or branch that is no longer known
 * changes nothing but the time.
 */
import { withArrival } from './arrivals.ts';
import { explainedBy, forgotten, noAttribution } from './attribution.ts';
import { afterBase } from './base.ts';
import { cutAgain } from './cut.ts';
import { afterFailure, afterPass } from './evidence.ts';
import { afterLanding, afterMove } from './landed.ts';
import { learn, learnQuarrels, nothingLearned } from './learned.ts';
import type { Branch, Decision, LiveRun, Outcome, Policy, QueueEvent, QueueState, Waiting } from './queue.ts';
import { tidied } from './suspicion.ts';

export const defaultPolicy: Policy = { usualRun: 1, flakeRate: 0.01, namesTests: true };

export const emptyQueue = (slots: number, policy: Partial<Policy> = {}): QueueState => ({
  ...{ now: 0, slots, policy: { ...defaultPolicy, ...policy }, waiting: [], running: [], passed: [] },
  ...{ landed: [], landings: 0, nextRun: 0, base: { doubted: false, failures: 0 }, suspicions: [] },
  ...{ cut: undefined, learned: nothingLearned, attribution: noAttribution },
});

/** The queue after one event. */
export const fold = (state: QueueState, event: QueueEvent): QueueState => {
  const next = changed({ ...state, now: event.at }, event);
  return event.kind === 'arrived' ? next : forgotten(tidied(cutAgain(next)));
};

const changed = (state: QueueState, event: QueueEvent): QueueState => {
  switch (event.kind) {
    case 'arrived':
      return { ...withArrival(state, event.at), waiting: withBranch(state.waiting, event.branch) };
    case 'decided':
      return decided(state, event.decision);
    case 'ended':
      return ended(state, event.run, event.outcome);
    case 'composed':
      return composed(state, event.run, event.members);
    case 'landed':
      return afterLanding(state, event.run);
    case 'moved':
      return afterMove(state, event);
    case 'left':
      return left(state, event.branches);
    case 'set':
      return {
        ...state,
        slots: event.slots ?? state.slots,
        policy: { ...state.policy, ...event.policy },
      };
  }
};

/** Who conflicts with a new branch conflicts with it in turn. */
const withBranch = (waiting: readonly Waiting[], branch: Branch): readonly Waiting[] => {
  if (waiting.some(({ id }) => id === branch.id)) return waiting;
  const conflicting = new Set(branch.conflicts);
  const others = waiting.map((one) => {
    const { conflicts = [] } = one;
    if (!conflicting.has(one.id) || conflicts.includes(branch.id)) return one;
    return { ...one, conflicts: [...conflicts, branch.id] };
  });
  return [...others, { ...branch, loneFailures: [], clean: false }];
};

const decided = (state: QueueState, { cancel, start, convict }: Decision): QueueState => {
  const convicts = new Set(convict.map(({ branch }) => branch));
  const began = start.map(
    (one, index): LiveRun => ({
      ...one,
      ...{ id: state.nextRun + index, startedAt: state.now, landings: state.landings, stale: false },
      landed: [],
    }),
  );
  const waiting =
    convicts.size === 0
      ? state.waiting
      : state.waiting.map((one) =>
          convicts.has(one.id) && one.convictedAt === undefined ? { ...one, convictedAt: state.now } : one,
        );
  return {
    ...state,
    waiting,
    attribution: explainedBy(state.attribution, convict),
    running: [...state.running.filter(({ id }) => !cancel.includes(id)), ...began],
    nextRun: state.nextRun + start.length,
  };
};

const composed = (state: QueueState, id: number, members: readonly number[]): QueueState => ({
  ...state,
  running: state.running.map((run) => {
    if (run.id !== id) return run;
    // It is no first screen of so many any more.
    const { first, ...rest } = run;
    return { ...rest, members };
  }),
});

const ended = (state: QueueState, id: number, outcome: Outcome): QueueState => {
  const run = state.running.find((one) => one.id === id);
  if (run === undefined) return state;
  const next = { ...state, running: state.running.filter((one) => one !== run) };
  if (outcome.kind === 'broken') return next;
  if (run.purpose === 'base') return afterBase(next, run, outcome.kind === 'passed');
  const waits = new Set(state.waiting.map((one) => one.id));
  const live = run.members.filter((member) => waits.has(member));
  const whole = live.length + run.landed.length === run.members.length;
  const { namesTests } = state.policy;
  const taught = { ...next, learned: learn(next.learned, run, outcome, { whole, namesTests }) };
  return outcome.kind === 'passed'
    ? afterPass(taught, run, live, whole)
    : afterFailure(taught, run, live, whole, outcome.tests);
};

const left = (state: QueueState, branches: readonly number[]): QueueState => {
  const gone = new Set(branches);
  // A withdrawn branch tells nothing.
  const sentBack = state.waiting.filter(({ id, loneFailures }) => gone.has(id) && loneFailures.length > 1);
  return {
    ...state,
    learned: learnQuarrels(state.learned, sentBack, true),
    waiting: state.waiting.filter(({ id }) => !gone.has(id)),
    passed: state.passed.filter(({ members }) => !members.some((id) => gone.has(id))),
  };
};
