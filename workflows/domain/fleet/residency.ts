import { openedBy } from './dominance.ts';
import type { FleetHost, FleetModel } from './fleet.ts';
import { fitBeside } from './memory.ts';
import { swapMs } from './swapCost.ts';

/** A set of models that a host may hold, as the simulation knows it: models are numbers there. */
export interface Residency {
  /** Its number among those of its host. */
  readonly id: number;
  readonly models: readonly number[];
  /** For each model: which of these serves its calls; -1 where none does. */
  readonly server: Int16Array;
}

/** What a host may hold, and what it takes to get from one to the other. Sets are made when somebody asks for them. */
export interface Residencies {
  readonly all: readonly Residency[];
  /** What holds exactly these. */
  of(models: readonly number[]): Residency;
  /** Whether calls of a model can be served here at all, whatever is resident now. */
  canServe(model: number): boolean;
  /**
   * From one residency to one that serves a model: what must stay stays, the others as far as they fit, the first ones first.
   * Undefined where it cannot be.
   */
  towards(
    from: Residency,
    model: number,
    keep: readonly number[],
    others: readonly number[],
  ): Residency | undefined;
  /** How long the change takes once it has drained. */
  swapMs(from: Residency, to: Residency): number;
}

/** The residencies of one host. What a person has pinned is part of all of them. */
export const residenciesOf = (host: FleetHost, models: readonly FleetModel[]): Residencies => {
  const indexOf = new Map(models.map((model, index) => [model, index]));
  const refused = new Set(host.refused);
  const served = models.filter(({ key }) => host.serves.includes(key) && !refused.has(key));
  const pinned = served.filter(({ key }) => host.pinned?.includes(key));
  const all: Residency[] = [];
  const byKey = new Map<string, Residency>();
  const costs: (number | undefined)[][] = [];
  const reached: Map<number | string, Residency | null>[] = [];
  const model = (index: number): FleetModel => models[index] as FleetModel;

  const of = (indexes: readonly number[]): Residency => {
    const sorted = [...new Set(indexes)].toSorted((a, b) => a - b);
    const key = sorted.join();
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const server = new Int16Array(models.length).fill(-1);
    for (const index of sorted) {
      for (const opened of openedBy([model(index)], served)) server[indexOf.get(opened) as number] = index;
    }
    const made = { id: all.length, models: sorted, server };
    all.push(made);
    byKey.set(key, made);
    return made;
  };

  // Of several that serve it the model itself is loaded: what is larger than it needs to be takes others' room.
  const canHold = (index: number): boolean =>
    served.includes(model(index)) && fitBeside(host, pinned, [model(index)]).includes(model(index));

  const reach = (
    from: Residency,
    index: number,
    keep: readonly number[],
    others: readonly number[],
  ): Residency | undefined => {
    if (!canHold(index)) return;
    const first = [...new Set([...pinned, model(index)])];
    const kept = fitBeside(host, first, keep.map(model));
    if (!keep.every((one) => kept.includes(model(one)))) return;
    const held = fitBeside(host, kept, others.filter((one) => from.models.includes(one)).map(model));
    return of(held.map((one) => indexOf.get(one) as number));
  };

  return {
    all,
    of,
    canServe: (index) =>
      canHold(index) || (served.includes(model(index)) && openedBy(pinned, served).includes(model(index))),
    towards: (from, index, keep, others) => {
      const memo = (reached[from.id] ??= new Map());
      const key = keyOf(index, keep, others);
      const known = memo.get(key);
      if (known !== undefined) return known ?? undefined;
      const made = reach(from, index, keep, others);
      memo.set(key, made ?? null);
      return made;
    },
    swapMs: (from, to) => {
      const known = costs[from.id]?.[to.id];
      if (known !== undefined) return known;
      const cost = swapMs(from.models.map(model), to.models.map(model));
      (costs[from.id] ??= [])[to.id] = cost;
      return cost;
    },
  };
};

/** Asked some hundred thousand times a decision, nearly always with one or two models: those are one number. */
const keyOf = (model: number, keep: readonly number[], others: readonly number[]): number | string =>
  keep.length > 1 || others.length > 1 || model > 1_000
    ? `${model}/${keep.join()}/${others.join()}`
    : (model * 1_024 + (keep[0] ?? -1) + 1) * 1_024 + (others[0] ?? -1) + 1;
