import type { QueueState } from './queue.ts';

/** So many usual runs back arrivals are remembered. */
const remembered = 3;

/** Takes in an arrival. Several at once are one: a burst says nothing of what comes. */
export const withArrival = (state: QueueState, at: number): QueueState => {
  const { arrivals } = state;
  if (arrivals !== undefined && at <= arrivals.at) return state;
  const span = remembered * state.policy.usualRun;
  return { ...state, arrivals: { rate: rateAt(state, at) + 1 / span, at } };
};

/** How many arrivals are to be expected within a usual run. */
export const expectedArrivals = (state: QueueState): number =>
  Math.round(rateAt(state, state.now) * state.policy.usualRun);

/** Up to so many arrivals within a usual run, as a share of the slots, each is tested as it comes. */
const lightShare = 0.7;

/** Whether slots are worth keeping for what comes: with more to do, all of them are used for what is here. */
export const isLight = (state: QueueState): boolean => expectedArrivals(state) <= lightShare * state.slots;

const rateAt = ({ arrivals, policy }: QueueState, at: number): number =>
  arrivals === undefined ? 0 : arrivals.rate * Math.exp((arrivals.at - at) / (remembered * policy.usualRun));
