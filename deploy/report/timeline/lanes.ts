/** A stretch of time that wants a lane. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** The lane that it was in, where that is known. */
  readonly slot?: number | undefined;
}

export interface Placed<T> {
  readonly one: T;
  readonly lane: number;
  /** When the next one in its lane begins; it is drawn no further. */
  readonly next: number;
}

/**
 * Gives each span a lane in which no other is at the same time: its own where that is free, else the lowest that is. Clocks
 * that were set back, and records of several processes, must not make two bars one.
 */
export const placed = <T extends Span>(spans: readonly T[]): readonly Placed<T>[] => {
  const ends: number[] = [];
  const lastIn = new Map<number, number>();
  const found: { readonly one: T; readonly lane: number; next: number }[] = [];
  for (const one of spans.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const isFree = (lane: number): boolean => (ends[lane] ?? Number.NEGATIVE_INFINITY) <= one.from;
    const lane = one.slot !== undefined && isFree(one.slot) ? one.slot : lowest(isFree);
    // Something that took no time still has a place of its own.
    ends[lane] = Math.max(one.to, one.from + 1);
    const before = found[lastIn.get(lane) ?? -1];
    if (before !== undefined) before.next = one.from;
    lastIn.set(lane, found.length);
    found.push({ one, lane, next: Number.POSITIVE_INFINITY });
  }
  return found;
};

const lowest = (isFree: (lane: number) => boolean): number => {
  for (let lane = 0; ; lane++) if (isFree(lane)) return lane;
};
