import { hotfixRun } from './hotfix.ts';
import type { LiveRun, QueueState, Waiting } from './queue.ts';

/** What a run under way must promise, as a multiple of what would land now, to be waited for. */
const patience = { confirm: 1, other: 1.5 } as const;

/**
 * The run whose commit becomes main now: the one that brings most, unless that would void a run under way which carries more work
 * that is known to be good.
 */
export const toLand = (state: QueueState, byId: ReadonlyMap<number, Waiting>): LiveRun | undefined => {
  const best = hotfixOf(state, byId) ?? mostOf(state);
  if (best === undefined || isHotfix(best, byId)) return best;
  // It would be void.
  if (hotfixRun(state) !== undefined) return;
  const landing = best.members.filter((id) => byId.has(id));
  const isBetter = (run: LiveRun): boolean => {
    if (run.stale || run.members.some((id) => (byId.get(id)?.loneFailures.length ?? 0) > 0)) return false;
    const inside = new Set(run.members);
    if (landing.every((id) => inside.has(id))) return false;
    if (state.policy.namesTests)
      return run.purpose === 'confirm' && leftIn(run) > leftIn(best) && !isLost(run);
    const good = run.members.filter((id) => byId.get(id)?.clean === true).length;
    return good > leftIn(best) * (run.purpose === 'confirm' ? patience.confirm : patience.other);
  };
  /** It will fail: somebody of it is convicted or was sent back. */
  const isLost = ({ members, landed }: LiveRun): boolean =>
    members.some((id) => (byId.has(id) ? byId.get(id)?.convictedAt !== undefined : !landed.includes(id)));
  return state.running.some(isBetter) ? undefined : best;
};

const leftIn = ({ members, landed }: LiveRun): number => members.length - landed.length;

const mostOf = ({ passed }: QueueState): LiveRun | undefined =>
  passed.reduce<LiveRun | undefined>(
    (most, run) => (most === undefined || leftIn(run) > leftIn(most) ? run : most),
    undefined,
  );

const hotfixOf = ({ passed }: QueueState, byId: ReadonlyMap<number, Waiting>): LiveRun | undefined =>
  passed.find((run) => isHotfix(run, byId));

const isHotfix = ({ members }: LiveRun, byId: ReadonlyMap<number, Waiting>): boolean =>
  members.some((id) => byId.get(id)?.hotfix === true);
