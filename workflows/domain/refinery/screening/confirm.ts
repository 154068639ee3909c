import { cutRuns } from './cut.ts';
import { mergeable, pack } from './pack.ts';
import type { Run } from './queue.ts';
import { freeSlots, massOf, riskOf, type Sight } from './sight.ts';
import type { Work } from './work.ts';

/** Masses of quarrels: of the first union, and by how much each larger one has more. */
export const firstMass = 0.35;
const nextMass = 0.7;
const mostUnions = 4;
/** A larger union is worth a slot when it brings this much more. */
const leastGrowth = 0.3;

/** What is good and too much to ride along is landed by nested unions, each on top of the one before. */
export const startConfirms = (sight: Sight, { good, rides }: Work): void => {
  const { state, runs, start } = sight;
  if (freeSlots(sight) <= 0 || startCut(sight) || rides || good.length === 0) return;
  const confirms = runs.filter(
    ({ purpose, stale }) => !stale && (purpose === 'confirm' || purpose === 'cut'),
  );
  let union = largest(sight, confirms);
  let count = confirms.length;
  const most = Math.max(1, Math.min(mostUnions, state.slots >> 2));
  for (; freeSlots(sight) > 0 && count < most; count++) {
    const mass = count === 0 ? firstMass : union.mass + nextMass;
    const larger = pack(sight, good, { mass }, union);
    const grown = larger.members.length - union.members.length;
    if (grown < Math.max(1, count === 0 ? 1 : leastGrowth * union.members.length)) return;
    union = larger;
    start.push({ members: union.members, purpose: 'confirm' });
  }
};

/** Whether a failed confirm is being cut: nothing else is confirmed meanwhile. */
export const startCut = ({ state, runs, start }: Sight): boolean => {
  const { cut } = state;
  if (cut === undefined) return false;
  if (runs.some((run) => run.cut === cut.run)) return true;
  start.push(...cutRuns(cut, state.slots, state.slots - runs.length - start.length));
  return true;
};

const largest = (sight: Sight, confirms: Sight['runs']): ReturnType<typeof pack> => {
  const waiting = confirms.map(({ members }) => members.filter((id) => sight.byId.has(id)));
  const most = waiting.reduce((best, members) => (members.length > best.length ? members : best), []);
  return pack(sight, most, { mass: Infinity });
};

/** The chance that nothing under way lands what is good, above which it gets a run of its own. */
const mostMissed = 0.03;
const riskOfSuspect = 0.5;

/** What rides is landed by a run of its own when no run that carries it is likely to pass. */
export const startOwnConfirm = (sight: Sight, { carried, suspected }: Work): void => {
  if (carried.length === 0 || freeSlots(sight) <= 0) return;
  const { byId } = sight;
  const mass = (id: number): number => {
    if (byId.get(id)?.clean !== false) return 0;
    return massOf(Math.min(riskOfSuspect, suspected.has(id) ? riskOfSuspect : riskOf(sight, id)));
  };
  const missed = [...sight.runs.filter(({ stale }) => !stale), ...sight.start]
    .filter((run) => holds(run, carried))
    .reduce((chance, { members }) => {
      const failing = members.reduce((sum, id) => sum + mass(id), 0);
      return chance * (1 - Math.exp(-failing));
    }, 1);
  if (missed > mostMissed) sight.start.push({ members: carried, purpose: 'confirm' });
};

const holds = ({ members }: Pick<Run, 'members'>, all: readonly number[]): boolean => {
  const inside = new Set(members);
  return all.every((id) => inside.has(id));
};

/** A test of some branches on top of what rides. */
export const withCarried = (
  sight: Sight,
  { carried }: Work,
  members: readonly number[],
): readonly number[] => [...mergeable(sight, carried, members), ...members];
