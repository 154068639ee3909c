/** Screen-and-Confirm: what a merge queue does now. docs/refinery-worlds.md measures it. */
import { isInDoubt, isRed, startBase } from './base.ts';
import { whileClosed } from './closed.ts';
import { startByTests } from './codeWords.ts';
import { startConfirms, startOwnConfirm } from './confirm.ts';
import { hotfixRun, startHotfix } from './hotfix.ts';
import { toLand } from './landing.ts';
import { startLone, toReject } from './lone.ts';
import { byPassFail, prefersPassFail } from './passFail.ts';
import type { Decision, LiveRun, QueueState } from './queue.ts';
import { leastBits, startScreens } from './screen.ts';
import { freeSlots, type Sight, sightOf } from './sight.ts';
import { startUnions } from './union.ts';
import { type Work, workOf } from './work.ts';

const nothing = { reject: [], cancel: [], start: [], convict: [] } as const;

/** A suspect at least this likely to be bad is tested alone from then on. */
const convictedAt = 0.93;
/** A convict waits at most so many usual runs for slots that nothing else needs. */
const longestWait = 4;

/**
 * What to do now: send back who failed alone twice, else land, else start and cancel runs. Pure; to be asked again after every event
 * (once for events at the same time), and again after a landing or a rejection.
 */
export const plan = (whole: QueueState): Decision => {
  if (whole.policy.paused === true) return nothing;
  const state = open(whole);
  if (!state.policy.namesTests || !prefersPassFail(state) || isRed(state)) return planned(state);
  const plain = byPassFail(state);
  const decision = planned(plain.state);
  const known = new Set(state.waiting.flatMap((one) => (one.convictedAt === undefined ? [] : [one.id])));
  const named = plain.state.waiting.filter((one) => one.convictedAt !== undefined && !known.has(one.id));
  const convict = [...decision.convict, ...plain.accounts, ...named.map(({ id }) => ({ branch: id }))];
  return { ...decision, convict };
};

const planned = (state: QueueState): Decision => {
  if (isRed(state)) return { ...whileRed(state), redBase: true };
  if (state.base.closed === true) return whileClosed(state);
  const reject = isInDoubt(state) ? [] : toReject(state);
  if (reject.length > 0) return { ...nothing, reject };
  const sight = sightOf(state);
  const land = toLand(state, sight.byId);
  if (land !== undefined) return { ...nothing, land: land.id };
  const hotfix = startHotfix(state);
  if (hotfix !== undefined) return { ...nothing, ...hotfix };
  if (freeSlots(sight) <= 0) return { ...nothing, cancel: sight.cancel };
  return filled(sight);
};

/** Without what waits below the priority that the queue is open for. */
const open = (state: QueueState): QueueState => {
  const { leastPriority } = state.policy;
  if (leastPriority === undefined) return state;
  const waiting = state.waiting.filter(
    ({ priority = 0, hotfix }) => hotfix === true || priority >= leastPriority,
  );
  const known = new Set(waiting.map(({ id }) => id));
  const isOpen = ({ members, landed }: LiveRun): boolean =>
    members.every((id) => known.has(id) || landed.includes(id));
  return { ...state, waiting, passed: state.passed.filter(isOpen) };
};

/** On a red main only a hotfix is tested, and lands when it mends it. */
const whileRed = (state: QueueState): Decision => {
  const mends = state.passed.find(({ members }) =>
    state.waiting.some(({ id, hotfix }) => hotfix === true && members.includes(id)),
  );
  if (mends !== undefined) return { ...nothing, land: mends.id };
  const cancel = state.running.filter((run) => run !== hotfixRun(state)).map(({ id }) => id);
  return {
    ...nothing,
    cancel,
    start:
      startHotfix({ ...state, running: state.running.filter(({ id }) => !cancel.includes(id)) })?.start ?? [],
  };
};

const filled = (sight: Sight): Decision => {
  const { state } = sight;
  const known = new Set(sight.convicts.keys());
  startBase(sight);
  const accounts = state.policy.namesTests ? startByTests(sight) : [];
  if (!state.policy.namesTests) fill(sight);
  if (sight.start.length === 0 && sight.runs.length === 0) startHeads(sight);
  const convict = [
    ...[...sight.convicts.keys()].flatMap((branch) => (known.has(branch) ? [] : [{ branch }])),
    ...accounts,
  ];
  return { reject: [], cancel: sight.cancel, start: sight.start, convict };
};

/** Fills the free slots, what tells or lands most first. */
const fill = (sight: Sight): void => {
  const { state } = sight;
  const longAgo = state.now - longestWait * state.policy.usualRun;
  const work = workOf(sight);
  startLone(sight, longAgo, Math.max(1, state.slots >> 2));
  startConfirms(sight, work);
  convictLikely(sight, work);
  startScreens(sight, work, leastBits.first);
  startOwnConfirm(sight, work);
  startLone(sight, state.now, Infinity);
  startUnions(sight, work);
  startLone(sight, state.now, Infinity, 2);
  startScreens(sight, work, leastBits.leftOver);
};

const convictLikely = ({ state, convicts }: Sight, { suspects }: Work): void => {
  for (const { component, split } of suspects) {
    for (const { members, dirty } of split.pieces) {
      const [only = -1] = members;
      if (members.length > 1 || dirty <= convictedAt || convicts.has(only)) continue;
      if (component.failed.some((set) => set.includes(only))) convicts.set(only, state.now);
    }
  }
};

/** A queue never rests while something waits. */
const startHeads = (sight: Sight): void => {
  for (const { id } of sight.state.waiting.slice(0, freeSlots(sight))) {
    sight.start.push({ members: [id], purpose: 'lone' });
  }
};
