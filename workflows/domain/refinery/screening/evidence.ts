import { afterNamed } from './attribution.ts';
import { quarrelRisk } from './overlap.ts';
import type { FailingTest, LiveRun, QueueState, Waiting } from './queue.ts';

const withWaiting = (state: QueueState, change: (one: Waiting) => Waiting): QueueState => ({
  ...state,
  waiting: state.waiting.map(change),
});

/** Proven good on main as it was: nothing is held against it any more. */
const cleared = (one: Waiting): Waiting => {
  const { risk, convictedAt, failedAloneAt, ...rest } = one;
  return { ...rest, loneFailures: [], clean: true, builds: true };
};

/** A run passed: its members are good, but for those that may quarrel with what landed meanwhile. */
export const afterPass = (
  state: QueueState,
  run: LiveRun,
  live: readonly number[],
  whole: boolean,
): QueueState => {
  const members = new Set(live);
  const inside = new Set(run.members);
  const since = state.landed.filter(({ id, landing }) => landing > run.landings && !inside.has(id));
  const next = withWaiting(state, (one) => {
    if (!members.has(one.id)) return one;
    const risk = quarrelRisk(state, one, since);
    return risk === 0 ? cleared(one) : { ...one, clean: false, risk };
  });
  const { cut } = state;
  const waits = new Set(state.waiting.map(({ id }) => id));
  const cutDone = cut?.members.every((id) => inside.has(id) || !waits.has(id)) === true;
  return {
    ...next,
    base: {
      ...{ doubted: run.stale && state.base.doubted, failures: 0, passedAt: state.now },
      ...(state.base.closed === true ? { closed: true } : {}),
    },
    cut: cutDone ? undefined : cut,
    passed: whole && !run.stale && live.length > 0 ? [...state.passed, run] : state.passed,
  };
};

/** A run failed: somebody of those that are not known to be good is bad, or some of the good quarrel. */
export const afterFailure = (
  state: QueueState,
  run: LiveRun,
  live: readonly number[],
  whole: boolean,
  tests: readonly FailingTest[],
): QueueState => {
  const alone = run.members.length === 1 ? live[0] : undefined;
  const named = state.policy.namesTests && tests.length > 0;
  const told = named ? afterNamed(state, run, live, tests) : state;
  const next = alone === undefined ? told : failedAlone(told, run, alone);
  if (run.purpose === 'cut' && whole) return { ...next, cut: cutAfter(next, run) };
  if (named) {
    const suspicions = withoutBuilding(next);
    return { ...next, suspicions, cut: next.cut ?? cutOf(next, run, live) };
  }
  // A member that was sent back explains it.
  if (!whole) return next;
  const suspects = suspectsIn(next, new Set(live));
  if (suspects.length > 0) {
    const suspected = new Set(suspects);
    const suspicions = [...next.suspicions, { members: suspects }];
    return withWaiting({ ...next, suspicions }, (one) => (suspected.has(one.id) ? unproven(one) : one));
  }
  return { ...next, cut: next.cut ?? cutOf(next, run, live) };
};

/** Who is not known to be good; where runs name tests, only who is not known to build, as long as there is anybody. */
const suspectsIn = ({ waiting, policy }: QueueState, members: ReadonlySet<number>): readonly number[] => {
  const unknown = waiting.filter(({ id, clean }) => members.has(id) && !clean);
  const unbuilt = unknown.filter(({ builds }) => builds !== true);
  return (policy.namesTests && unbuilt.length > 0 ? unbuilt : unknown).map(({ id }) => id);
};

/** It built with others, and perhaps not with these. */
const unproven = ({ builds, ...rest }: Waiting): Waiting => rest;

/** A confirm failed of which everybody had passed apart: some of them quarrel. */
const cutOf = ({ waiting }: QueueState, run: LiveRun, live: readonly number[]): QueueState['cut'] => {
  if (run.purpose !== 'confirm' || live.length < 2) return;
  const members = new Set(live);
  const isGood = waiting.every(({ id, clean }) => clean || !members.has(id));
  return isGood ? { run: run.id, members: live, shortest: undefined } : undefined;
};

/** Where runs name tests, one that names none did not build: who builds is not suspected of it. */
const withoutBuilding = ({ suspicions, waiting }: QueueState): QueueState['suspicions'] => {
  if (suspicions.length === 0) return suspicions;
  const building = new Set(waiting.filter(({ builds }) => builds === true).map(({ id }) => id));
  return suspicions.map(({ members }) => ({ members: members.filter((id) => !building.has(id)) }));
};

const failedAlone = (state: QueueState, run: LiveRun, id: number): QueueState =>
  withWaiting(state, (one) =>
    one.id === id
      ? {
          ...one,
          clean: false,
          loneFailures: [...one.loneFailures, run.id],
          failedAloneAt: state.now,
          convictedAt: one.convictedAt ?? state.now,
        }
      : one,
  );

const cutAfter = ({ cut }: QueueState, run: LiveRun): QueueState['cut'] =>
  cut === undefined || run.cut !== cut.run || run.members.length >= (cut.shortest ?? Infinity)
    ? cut
    : { ...cut, shortest: run.members.length };
