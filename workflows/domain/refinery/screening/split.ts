import type { Component } from './components.ts';
import { bitsOf, dirtyChances, likeliest, type States, statesOf } from './information.ts';
import { massOf } from './sight.ts';

/** The next test of a component that tells most, and what is believed of it. */
export interface Split {
  readonly members: readonly number[];
  /** Bits that it is expected to tell; a lone run counts more, since its failure is half of a rejection. */
  readonly bits: number;
  /** The likeliest culprits, as sets with their chances. */
  readonly culprits: readonly { readonly chance: number; readonly members: readonly number[] }[];
  /** The chance that each piece holds a culprit. */
  readonly pieces: readonly { readonly members: readonly number[]; readonly dirty: number }[];
}

/** All states of so many pieces are looked at. */
const mostPieces = 10;
/** More runs than these are too many patterns for that. */
const mostRunning = 4;
const loneWorth = 0.3;
const culpritSets = 4;

const noSplit: Split = { members: [], bits: 0, culprits: [], pieces: [] };

interface Piece {
  readonly members: readonly number[];
  readonly mass: number;
  /** The failed and the running sets that hold it. */
  readonly failed: readonly boolean[];
  readonly running: readonly boolean[];
}

/** The best test of some of a component's members, among all unions of its pieces that greedy growth finds. */
export const splitOf = (component: Component, risk: (id: number) => number, flake: number): Split => {
  const crowded = component.failed.length > 0 && component.running.length > mostRunning;
  let failed = component.failed;
  let members = crowded ? suspectsOf(component) : component.members;
  for (;;) {
    const within = new Set(members);
    const running = component.running
      .map((set) => set.filter((id) => within.has(id)))
      .filter(({ length }) => length > 0);
    const sorted = members.toSorted((a, b) => a - b);
    const pieces = patterns(sorted, failed, running, risk);
    if (pieces.length <= mostPieces) {
      return pieces.length === 0 ? noSplit : best(cutUp(pieces, risk), flake);
    }
    if (failed.length === 0) return noSplit;
    // The largest failed set tells least.
    failed = failed.slice(0, -1);
    const left = new Set(failed.flat());
    members = members.filter((id) => left.has(id));
  }
};

const suspectsOf = ({ failed }: Component): readonly number[] => [...new Set(failed.flat())];

/** Members that are in the same sets are one piece: no test so far tells them apart. */
const patterns = (
  members: readonly number[],
  failed: readonly (readonly number[])[],
  running: readonly (readonly number[])[],
  risk: (id: number) => number,
): readonly Piece[] => {
  const failedSets = failed.map((set) => new Set(set));
  const runningSets = running.map((set) => new Set(set));
  const pieces = new Map<string, { members: number[]; failed: boolean[]; running: boolean[] }>();
  for (const id of members) {
    const inFailed = failedSets.map((set) => set.has(id));
    const inRunning = runningSets.map((set) => set.has(id));
    const key = [...inFailed, '|', ...inRunning].map((one) => (one === '|' ? one : Number(one))).join('');
    const piece = pieces.get(key);
    if (piece === undefined) pieces.set(key, { members: [id], failed: inFailed, running: inRunning });
    else piece.members.push(id);
  }
  return [...pieces.values()].map((piece) => ({ ...piece, mass: massOfAll(piece.members, risk) }));
};

const massOfAll = (members: readonly number[], risk: (id: number) => number): number =>
  members.reduce((sum, id) => sum + massOf(risk(id)), 0);

/** Halves the heaviest piece as long as there may be more. */
const cutUp = (patterned: readonly Piece[], risk: (id: number) => number): readonly Piece[] => {
  const pieces = [...patterned];
  while (pieces.length < mostPieces) {
    let heaviest = -1;
    pieces.forEach(({ members, mass }, at) => {
      if (members.length > 1 && mass > (pieces[heaviest]?.mass ?? -1)) heaviest = at;
    });
    const piece = pieces[heaviest];
    if (piece === undefined) break;
    const left = { ...piece, members: [] as number[], mass: 0 };
    const right = { ...piece, members: [] as number[], mass: 0 };
    for (const id of piece.members) {
      const lighter = left.mass <= right.mass ? left : right;
      lighter.members.push(id);
      lighter.mass += massOf(risk(id));
    }
    pieces[heaviest] = left;
    pieces.push(right);
  }
  return pieces;
};

const best = (pieces: readonly Piece[], flake: number): Split => {
  const bits = (of: (piece: Piece) => boolean): number =>
    pieces.reduce((set, piece, at) => (of(piece) ? set | (1 << at) : set), 0);
  const [first] = pieces;
  const states = statesOf({
    good: pieces.map(({ mass }) => Math.exp(-mass)),
    failed: (first?.failed ?? []).map((_, at) => bits((piece) => piece.failed[at] === true)),
    running: (first?.running ?? []).map((_, at) => bits((piece) => piece.running[at] === true)),
    flake,
  });
  const dirty = dirtyChances(states);
  const chosen = bestTest(states, pieces, dirty);
  const membersOf = (set: number): readonly number[] =>
    pieces.flatMap(({ members }, at) => ((set & (1 << at)) === 0 ? [] : members));
  return {
    members: membersOf(chosen.tested),
    bits: chosen.bits,
    culprits: likeliest(states, culpritSets).map((state) => ({
      chance: states.chance[state] ?? 0,
      members: membersOf(state),
    })),
    pieces: pieces.map(({ members }, at) => ({ members, dirty: dirty[at] ?? 0 })),
  };
};

const bestTest = (
  states: States,
  pieces: readonly Piece[],
  dirty: readonly number[],
): { readonly tested: number; readonly bits: number } => {
  let tested = 0;
  let bits = 0;
  for (;;) {
    let added = -1;
    let most = bits + 1e-9;
    for (let at = 0; at < pieces.length; at++) {
      if ((tested & (1 << at)) !== 0) continue;
      const told = bitsOf(states, tested | (1 << at));
      if (told <= most) continue;
      most = told + 1e-9;
      added = at;
      bits = told;
    }
    if (added < 0) break;
    tested |= 1 << added;
  }
  pieces.forEach(({ members }, at) => {
    if (members.length > 1) return;
    const told = bitsOf(states, 1 << at) + loneWorth * (dirty[at] ?? 0);
    if (told <= bits + (tested === 1 << at ? -1e-9 : 1e-9)) return;
    bits = told;
    tested = 1 << at;
  });
  return { tested, bits };
};
