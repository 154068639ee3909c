import { type Accusations, accusationsOf } from './accusation.ts';
import { expectedArrivals, isLight } from './arrivals.ts';
import { unmet } from './attribution.ts';
import { quarrelShareOf } from './overlap.ts';
import type { QueueState } from './queue.ts';
import { sightOf } from './sight.ts';
import { tidied } from './suspicion.ts';

/** A suspect at least this likely is tested alone from then on. */
const convictedAt = 0.9;

/** Where so many overlapping pairs quarrel, failing tests accuse the good together with the bad. */
const oftenQuarrelling = 0.0005;

/**
 * Whether groups are chosen by pass and fail although runs name tests: branches that come one by one are faster tested as they come
 * than in random halves, and quarrels spoil the halves.
 */
export const prefersPassFail = (state: QueueState): boolean =>
  (isLight(state) && expectedArrivals(state) > 0) || quarrelShareOf(state) >= oftenQuarrelling;

/** The queue by pass and fail, with the convicts that failing tests name. */
export const byPassFail = (
  state: QueueState,
): { readonly state: QueueState; readonly accounts: Accusations['accounts'] } => {
  const sight = sightOf(state);
  const { chance, accounts } = accusationsOf(sight);
  const named = state.waiting.map((one) =>
    one.convictedAt === undefined && (chance.get(one.id) ?? 0) > convictedAt
      ? { ...one, convictedAt: state.now }
      : one,
  );
  const suspicions = [...state.suspicions, ...unmet(sight).map((members) => ({ members }))];
  const policy = { ...state.policy, namesTests: false };
  return { state: tidied({ ...state, waiting: named, suspicions, policy }), accounts };
};
