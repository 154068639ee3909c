import { isLight } from './arrivals.ts';
import { withCarried } from './confirm.ts';
import { entropy } from './information.ts';
import { mergeable, type Pack, pack } from './pack.ts';
import { freeSlots, massOf, riskOf, type Sight, spareSlots, unknownIn } from './sight.ts';
import { type Suspects, splitFor, type Work } from './work.ts';

/** Bits that a test must be expected to tell, at first and when slots are left over. */
export const leastBits = { first: 0.3, leftOver: 0.06 } as const;
/** A group of fresh work that tells so much goes before any split. */
const fullGroup = 0.8;
/** What is under way is ridden on up to this mass in all. */
const mostAhead = 0.8;
const mostMembers = 64;
/** Slots that are kept back for each component that waits for its split. */
const keptForSplit = 0.8;
const nearlyAsGood = 0.02;

/** Takes the test that tells most, again and again: the next group of fresh work, or the best split of some suspects. */
export const startScreens = (sight: Sight, work: Work, bits: number): void => {
  const late: Suspects[] = [];
  while ((bits === leastBits.first ? freeSlots(sight) : spareSlots(sight)) > 0) {
    // Without a failure among them the runs under way will tell, too.
    const spare = spareSlots(sight) > 0;
    const suspects = bestOf(
      work.suspects.filter(({ component }) => spare || component.failed.length > 0),
      bits,
    );
    const group = freshGroup(sight, work, bits);
    const told = group === undefined ? 0 : entropy(Math.exp(-group.mass));
    const isFreshBest =
      suspects === undefined || told > fullGroup || told >= suspects.split.bits - nearlyAsGood;
    if (group !== undefined && isFreshBest && told > Math.min(bits, nearlyAsGood)) {
      late.push(startGroup(sight, work, group.members));
      continue;
    }
    if (suspects === undefined) break;
    startSplit(sight, work, suspects);
  }
  for (const one of late) one.split = splitFor(sight, one.component);
  work.suspects.push(...late);
};

const bestOf = (all: readonly Suspects[], bits: number): Suspects | undefined =>
  all.reduce<Suspects | undefined>((best, one) => {
    const { split } = one;
    if (split.bits <= bits || split.members.length === 0) return best;
    return best === undefined || split.bits > best.split.bits + 1e-6 ? one : best;
  }, undefined);

/** The next of the fresh work: as much as a test tells most of, less where slots would idle. */
const freshGroup = (sight: Sight, { fresh, suspects }: Work, bits: number): Pack | undefined => {
  if (fresh.length === 0) return;
  const total = fresh.reduce((sum, id) => sum + massOf(riskOf(sight, id)), 0);
  const waiting = suspects.filter(({ split }) => split.bits > bits).length;
  const slots = Math.max(1, freeSlots(sight) - waiting * keptForSplit);
  return pack(sight, fresh, {
    mass: Math.min(Math.LN2, total / slots) + 1e-9,
    most: mostMembers,
    massOf: (id) => massOf(riskOf(sight, id)),
  });
};

const startGroup = (sight: Sight, work: Work, group: readonly number[]): Suspects => {
  const taken = new Set(group);
  work.fresh = work.fresh.filter((id) => !taken.has(id));
  const ahead = ridden(sight, work, group);
  sight.start.push({
    members: withCarried(sight, work, [...ahead, ...group]),
    purpose: 'screen',
    first: group.length,
  });
  const component = { members: group, failed: [], running: [group] };
  return { component, split: { members: [], bits: 0, culprits: [], pieces: [] } };
};

/**
 * Under light load a group rides on all that is under way: it lands at once if those land before it, where a run beside them would be
 * void by then. Nobody of them must be suspected, and all together likely good.
 */
const ridden = (
  sight: Sight,
  { rides, suspected, fresh }: Work,
  group: readonly number[],
): readonly number[] => {
  if (!rides || fresh.length > 0 || !isLight(sight.state)) return [];
  const own = new Set(group);
  const ahead = new Set<number>();
  for (const { members, purpose } of [...sight.runs.filter(({ stale }) => !stale), ...sight.start]) {
    if (purpose !== 'screen') continue;
    for (const id of unknownIn(sight.byId, members))
      if (!own.has(id) && !sight.convicts.has(id)) ahead.add(id);
  }
  if ([...ahead].some((id) => suspected.has(id))) return [];
  const mass = [...ahead, ...group].reduce((sum, id) => sum + massOf(riskOf(sight, id)), 0);
  return mass > mostAhead ? [] : mergeable(sight, [...ahead], group);
};

const startSplit = (sight: Sight, work: Work, suspects: Suspects): void => {
  const group = mergeable(sight, suspects.split.members);
  sight.start.push(
    group.length === 1
      ? { members: group, purpose: 'lone' }
      : { members: withCarried(sight, work, group), purpose: 'split' },
  );
  const { component } = suspects;
  suspects.component = { ...component, running: [...component.running, group] };
  suspects.split = splitFor(sight, suspects.component);
};
