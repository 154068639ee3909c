import type { Waiting } from './queue.ts';
import type { Sight } from './sight.ts';

export interface Pack {
  readonly members: readonly number[];
  /** Its expected failures, as the logarithm of the chance that it passes. */
  readonly mass: number;
}

/** Branches of a list that merge with each other and with `others`, greedily from the front. */
export const mergeable = (
  { byId }: Pick<Sight, 'byId'>,
  list: readonly number[],
  others: readonly number[] = [],
): readonly number[] => {
  const taken = new Set(others);
  return list.filter((id) => {
    if (taken.has(id) || conflictsWith(byId.get(id), taken)) return false;
    taken.add(id);
    return true;
  });
};

const conflictsWith = (one: Waiting | undefined, taken: ReadonlySet<number>): boolean =>
  one?.conflicts?.some((other) => taken.has(other)) === true;

/** What may be packed: up to a mass and a number, with the mass of each branch or only with that of their quarrels. */
export interface PackLimits {
  readonly mass: number;
  readonly most?: number;
  readonly massOf?: (id: number) => number;
}

/** Packs branches on top of others as long as the mass allows, in their order, leaving out what is too much. */
export const pack = (
  sight: Sight,
  list: readonly number[],
  limits: PackLimits,
  onto: Pack = { members: [], mass: 0 },
): Pack => {
  const { byId, quarrelRate } = sight;
  const members = [...onto.members];
  const taken = new Set(members);
  const touched = new Map<number, number>();
  const touch = (id: number): void => {
    if (quarrelRate === 0) return;
    for (const area of byId.get(id)?.footprint ?? []) touched.set(area, (touched.get(area) ?? 0) + 1);
  };
  for (const id of members) touch(id);
  let { mass } = onto;
  for (const id of list) {
    if (members.length >= (limits.most ?? Infinity)) break;
    if (taken.has(id) || conflictsWith(byId.get(id), taken)) continue;
    const own = limits.massOf?.(id) ?? 0;
    const added =
      own + (quarrelRate === 0 ? 0 : quarrelRate * pairsWith(byId.get(id), touched, members.length));
    if (members.length > 0 && mass + added > limits.mass) continue;
    mass += added;
    members.push(id);
    taken.add(id);
    touch(id);
  }
  return { members, mass };
};

/** Overlaps with what is packed, counted by area; a branch of unknown footprint overlaps with everything. */
const pairsWith = (one: Waiting | undefined, touched: ReadonlyMap<number, number>, packed: number): number =>
  one?.footprint === undefined
    ? packed
    : one.footprint.reduce((sum, area) => sum + (touched.get(area) ?? 0), 0);
