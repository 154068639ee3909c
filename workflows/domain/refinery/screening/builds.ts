/** Where runs name tests, one that names none did not build: who broke it is found by pass and fail. */
import { componentsOf } from './components.ts';
import { mostForeseen } from './information.ts';
import { unbuiltShareOf } from './learned.ts';
import { mergeable } from './pack.ts';
import { freeSlots, massOf, riskOf, type Sight } from './sight.ts';
import { type Suspects, splitFor } from './work.ts';

/** A suspect at least this likely to break the build is tested alone from then on. */
const convictedAt = 0.93;

export interface Builds {
  readonly suspects: readonly Suspects[];
  /** The chance that a suspect breaks the build. */
  readonly chance: ReadonlyMap<number, number>;
  /** The chance before any run, and its mass; nothing for those that are known to build. */
  risk(id: number): number;
  mass(id: number): number;
}

/** What is known of who breaks the build; convicts those who nearly certainly do. */
export const buildsOf = (sight: Sight): Builds => {
  const { state, byId, convicts, runs } = sight;
  const unbuilt = unbuiltShareOf(state);
  const isOpen = (id: number): boolean => {
    const one = byId.get(id);
    return one !== undefined && !one.clean && one.builds !== true && !convicts.has(id);
  };
  const risk = (id: number): number =>
    isOpen(id) ? Math.min(0.5, (unbuilt * riskOf(sight, id)) / sight.share) : 0;
  const failed = state.suspicions
    .map(({ members }) => members.filter((id) => byId.get(id)?.builds !== true))
    .filter(({ length }) => length > 0);
  const suspected = new Set(failed.flat());
  // Only suspects are worth a split: whoever else is under way will be told of soon.
  const running = runs
    .map(({ members }) => members.filter((id) => suspected.has(id) && isOpen(id)))
    .filter(({ length }) => length > 0);
  const suspects = componentsOf(failed, running).map((component) => ({
    component,
    split: splitFor(sight, component, risk),
  }));
  const chance = new Map<number, number>();
  for (const { split, component } of suspects) {
    for (const { members, dirty } of split.pieces) {
      const [only = -1] = members;
      const isConvict = members.length === 1 && dirty > convictedAt;
      if (isConvict && component.failed.some((set) => set.includes(only))) convicts.set(only, state.now);
      for (const id of members) chance.set(id, dirty / members.length);
    }
  }
  return { suspects, chance, risk, mass: (id) => massOf(risk(id)) };
};

/** Takes the split of suspects that tells most, again and again. */
export const startBuildSplits = (sight: Sight, builds: Builds, bits: number): void => {
  while (freeSlots(sight) > 0) {
    const best = builds.suspects.reduce<Suspects | undefined>((most, one) => {
      // The outcomes of more runs are not foreseen, so the same test would seem to tell as much again.
      const isFull = one.component.running.length >= mostForeseen;
      if (isFull || one.split.bits <= bits || one.split.members.length === 0) return most;
      return most === undefined || one.split.bits > most.split.bits + 1e-6 ? one : most;
    }, undefined);
    if (best === undefined) return;
    const members = mergeable(sight, best.split.members);
    sight.start.push({ members, purpose: members.length === 1 ? 'lone' : 'split' });
    best.component = { ...best.component, running: [...best.component.running, members] };
    best.split = splitFor(sight, best.component, builds.risk);
  }
};
