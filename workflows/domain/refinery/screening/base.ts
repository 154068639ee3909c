import type { LiveRun, QueueState } from './queue.ts';
import { freeSlots, type Sight } from './sight.ts';

/** Failed runs of main alone that say that it is red. */
const enough = 2;
/** When nothing has passed for so many usual runs, and so many branches failed alone meanwhile, main is asked itself. */
const longSilence = 4;
const manyAlone = 3;

/** Whether main fails its own gates: then the queue stops. */
export const isRed = ({ base }: QueueState): boolean => base.failures >= enough;

/** Whether failures may be main's own: nobody is sent back then. */
export const isInDoubt = (state: QueueState): boolean =>
  state.base.doubted || state.base.failures > 0 || isSilent(state);

const isSilent = ({ now, base, waiting, policy }: QueueState): boolean => {
  const since = base.passedAt;
  if (since === undefined || now - since < longSilence * policy.usualRun) return false;
  return waiting.filter(({ failedAloneAt = -Infinity }) => failedAloneAt > since).length >= manyAlone;
};

/** Main is tested itself as long as it is in doubt; two runs at once where slots are free, since one failure does not tell. */
export const startBase = (sight: Sight): void => {
  const { state, runs, start } = sight;
  if (freeSlots(sight) <= 0 || !isInDoubt(state) || runs.some(isFresh)) return;
  start.push({ members: [], purpose: 'base' });
};

const isFresh = ({ purpose, stale }: LiveRun): boolean => purpose === 'base' && !stale;

/** A run of main itself ended. Red, it takes back what failures said of branches. */
export const afterBase = (state: QueueState, run: LiveRun, passed: boolean): QueueState => {
  // It was another main.
  if (run.landings < state.landings) return state;
  if (passed) return { ...state, base: { doubted: false, failures: 0, passedAt: state.now } };
  const failures = state.base.failures + 1;
  const next = { ...state, base: { ...state.base, doubted: true, failures } };
  return failures < enough ? next : withoutEvidence(next);
};

const withoutEvidence = (state: QueueState): QueueState => ({
  ...state,
  suspicions: [],
  cut: undefined,
  attribution: { failures: [], explained: [] },
  waiting: state.waiting.map((one) => {
    const { convictedAt, seen, builds, failedAloneAt, ...rest } = one;
    return { ...rest, loneFailures: [] };
  }),
});
