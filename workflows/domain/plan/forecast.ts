/** What a plan will cost, by what the beads of this town have cost so far. */
import type { EpicPlan } from '../convoy.ts';
import { type GraphNode, waves } from './graph.ts';

/** What one bead took, from its transcript. */
export interface BeadHistory {
  readonly turns: number;
  readonly tokens: number;
  /** From the beginning of its first call to the end of its last. */
  readonly ms: number;
}

/** Of a whole convoy. */
export interface Forecast {
  readonly turns: number;
  readonly tokens: number;
  readonly ms: number;
  /** So many beads were asked for their median. */
  readonly from: number;
}

/** With fewer, a median says nothing. */
export const leastHistory = 3;

/**
 * Medians times beads; for the time, the waves of each epic one after another, `maxParallel` beads at once, and epics after
 * those that they need. Undefined while the town has seen too little.
 */
export const forecastOf = (
  epics: readonly (Pick<EpicPlan, 'id' | 'needs'> & { readonly beads: readonly GraphNode[] })[],
  history: readonly BeadHistory[],
  maxParallel: number,
): Forecast | undefined => {
  if (history.length < leastHistory) return;
  const beads = epics.reduce((sum, epic) => sum + epic.beads.length, 0);
  const typical = (number: (bead: BeadHistory) => number): number => median(history.map(number));
  const rounds = new Map<string, number>();
  const endOf = (id: string): number => {
    const epic = epics.find((each) => each.id === id);
    if (epic === undefined) return 0;
    const known = rounds.get(id);
    if (known !== undefined) return known;
    rounds.set(id, 0);
    const own = waves(epic.beads).reduce((sum, wave) => sum + Math.ceil(wave.length / maxParallel), 0);
    const end = own + Math.max(0, ...epic.needs.map(endOf));
    rounds.set(id, end);
    return end;
  };
  return {
    turns: Math.round(beads * typical(({ turns }) => turns)),
    tokens: Math.round(beads * typical(({ tokens }) => tokens)),
    ms: Math.round(Math.max(0, ...epics.map(({ id }) => endOf(id))) * typical(({ ms }) => ms)),
    from: history.length,
  };
};

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
};
