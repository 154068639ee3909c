/** What the bench measures of one run of a policy, and its means. */
import type { Lab } from './laboratory.ts';

export interface Figure {
  readonly landedPerT: number;
  readonly testsPerLanded: number;
  readonly waitP50: number;
  readonly waitP95: number;
  readonly redLandings: number;
  readonly falseRejections: number;
  readonly left: number;
}

/** Bits that one result tells at most, by the share of bad branches. */
const entropy = (p: number): number =>
  p <= 0 || p >= 1 ? 0 : -(p * Math.log2(p) + (1 - p) * Math.log2(1 - p));

/** No planner lands more per T on pass or fail alone: each branch's outcome takes its bits, each test tells one at most. */
export const informationBound = (slots: number, bad: number): number => (slots * (1 - bad)) / entropy(bad);

/** `from`: branches that arrived before are left out, for a queue that has to fill first. */
export const figureOf = (lab: Lab, from = 0): Figure => {
  const arrived = (id: number): number => lab.world.branches[id]?.arrivesAt ?? 0;
  const waits = lab.landed
    .filter((id) => arrived(id) >= from)
    .map((id) => (lab.landedAt[id] ?? 0) - arrived(id))
    .sort((a, b) => a - b);
  const landed = lab.landed.filter((id) => (lab.landedAt[id] ?? 0) > from || from === 0).length;
  return {
    landedPerT: landed / Math.max(lab.now - from, 1e-9),
    testsPerLanded: lab.figures.tests / Math.max(lab.landed.length, 1),
    waitP50: waits[waits.length >> 1] ?? 0,
    waitP95: waits[Math.floor(waits.length * 0.95)] ?? 0,
    redLandings: lab.figures.red,
    falseRejections: lab.figures.falseRejections,
    left: lab.queue.length,
  };
};

export const meanFigure = (figures: readonly Figure[]): Figure => {
  const mean = (of: keyof Figure): number =>
    figures.reduce((sum, figure) => sum + figure[of], 0) / Math.max(figures.length, 1);
  return {
    landedPerT: mean('landedPerT'),
    testsPerLanded: mean('testsPerLanded'),
    waitP50: mean('waitP50'),
    waitP95: mean('waitP95'),
    redLandings: mean('redLandings'),
    falseRejections: mean('falseRejections'),
    left: mean('left'),
  };
};
