/** The board of an epic: where each bead stands, and what may start. Beads change; the functions here are its rules. */
import {
  type BeadLanded,
  type BeadSpec,
  type BeadState,
  type Caps,
  isSettled,
  type Spent,
} from './bead/bead.ts';
import { capsOf } from './bead/ladder.ts';
import type { Proposal } from './bead/proposal.ts';
import { raise } from './budget/allowance.ts';
import type { Pacing } from './convoy.ts';
import type { Failure } from './failure.ts';
import { totalTokens } from './host/model.ts';
import { dependentsOf, readySet, waveOf } from './plan/graph.ts';
import type { BeadLine } from './report/report.ts';

export type PlaceOnBoard =
  | Extract<BeadState, 'pending' | 'held' | 'parked' | 'landed' | 'blocked' | 'cancelled'>
  | 'working';

/** One bead on the board. Mutable: it is the epic's own state. */
export interface BoardBead {
  spec: BeadSpec;
  state: PlaceOnBoard;
  /** Whether its workflow is open; a landed bead still is while it cleans up. */
  open: boolean;
  /** It has continued as new since it was started: a cancellation by its parent goes to the run before. */
  continued: boolean;
  polecat: string;
  model: string;
  caps: Caps;
  landed: BeadLanded | undefined;
  spent: Spent | undefined;
  /** It landed in an earlier launch, whose books have its spending. */
  earlier: boolean;
  ms: number;
  failure: Failure | undefined;
  /** A parked bead that was asked to go on and waits for a slot. */
  resuming: { readonly raise?: Partial<Caps> } | undefined;
  /** Its workflow has ended and the epic is still noting how; `open` until that is done. */
  ending?: boolean;
  /** Asked for at that moment by somebody who saw its end first: it starts again when the end is noted. */
  again?: { readonly raise?: Partial<Caps> } | undefined;
  /** Other work that it found; undefined until it ends. */
  proposals?: readonly Proposal[];
}

export type Board = Map<string, BoardBead>;

export const newBoard = (beads: readonly BeadSpec[], caps: Caps): Board =>
  new Map(beads.map((spec) => [spec.id, newBead(spec, caps)]));

export const newBead = (spec: BeadSpec, caps: Caps): BoardBead => ({
  spec,
  state: 'pending',
  open: false,
  continued: false,
  polecat: '',
  model: '',
  caps: capsOf(spec, caps),
  landed: undefined,
  spent: undefined,
  earlier: false,
  ms: 0,
  failure: undefined,
  resuming: undefined,
});

const nodesOf = (board: Board): BeadSpec[] => [...board.values()].map(({ spec }) => spec);
const idsWhere = (board: Board, test: (bead: BoardBead) => boolean): Set<string> =>
  new Set([...board].filter(([, bead]) => test(bead)).map(([id]) => id));

/** Beads that may start now, within the slots that are left. G1: only what has landed counts as done. */
export const startable = (board: Board, options: { maxParallel: number; pacing: Pacing }): string[] => {
  const slots = options.maxParallel - working(board);
  if (slots <= 0) return [];
  return readySet({
    nodes: nodesOf(board),
    landed: idsWhere(board, isPassed),
    started: idsWhere(board, ({ state, open }) => state !== 'pending' || open),
    pacing: options.pacing,
    settled: idsWhere(board, ({ state }) => isSettled(state as BeadState)),
  }).slice(0, slots);
};

/** Parked beads that were asked to go on, within the slots that are left. */
export const resumable = (board: Board, maxParallel: number): string[] =>
  [...board]
    .filter(([, bead]) => bead.state === 'parked' && bead.resuming !== undefined)
    .map(([id]) => id)
    .slice(0, Math.max(0, maxParallel - working(board)));

/** Why a bead cannot be started again or resumed now; undefined when it can. */
export const retryFault = ({ spec: { id }, state, open, ending, again }: BoardBead): string | undefined => {
  if (again !== undefined) return `${id} starts again already.`;
  // Blocked and cancelled are seen before the epic has done with it, and its end before either.
  if (open && ending === true && state !== 'landed') return;
  if (open && state !== 'parked') return `${id} is ${state}; there is nothing to resume.`;
  if (['blocked', 'cancelled', 'parked'].includes(state)) return;
  return `${id} is ${state}; only blocked, cancelled and parked beads can be resumed.`;
};

/** Starts a bead again that has ended without landing; one whose end is being noted, when that is done. */
export const startAgain = (bead: BoardBead, more: Partial<Caps> | undefined): void => {
  if (bead.open) {
    bead.again = more === undefined ? {} : { raise: more };
    return;
  }
  bead.caps = raise(bead.caps, more ?? {});
  bead.state = 'pending';
};

/** The end of a bead has been noted: its workflow counts as closed, and what was asked for meanwhile is done. */
export const noteEnded = (bead: BoardBead): void => {
  const { again } = bead;
  bead.open = false;
  bead.ending = false;
  bead.again = undefined;
  if (again !== undefined && bead.state !== 'landed') startAgain(bead, again.raise);
};

/** Slots in use. A landed bead that cleans up holds none. */
export const working = (board: Board): number =>
  [...board.values()].filter(({ state }) => state === 'working').length;

/** Landed, blocked, cancelled, or held behind such; and no workflow open. */
export const isOver = (board: Board): boolean =>
  [...board.values()].every(({ state, open }) => !open && isSettled(state as BeadState));

/** Whether what needs it may start: it has landed (G1), or ended and is not needed. */
export const isPassed = ({ state, open, spec }: BoardBead): boolean =>
  state === 'landed' || (spec.optional === true && !open && isSettled(state as BeadState));

/** Sets who is held anew: what waits behind a bead that ended without landing, and nothing else. */
export const holdDependents = (board: Board): void => {
  const lost = idsWhere(board, ({ state }) => state === 'blocked' || state === 'cancelled');
  // Nobody is held by what the epic can do without.
  const needed = (id: string): boolean => board.get(id)?.spec.optional !== true;
  const nodes = nodesOf(board).map(({ id, needs }) => ({ id, needs: needs.filter(needed) }));
  const held = new Set(dependentsOf(nodes, lost));
  for (const [id, bead] of board) {
    if (held.has(id) && bead.state === 'pending') bead.state = 'held';
    if (!held.has(id) && bead.state === 'held') bead.state = 'pending';
  }
};

export const lineOf = (bead: BoardBead, wave: number): BeadLine => ({
  bead: bead.spec.id,
  title: bead.spec.title,
  state: bead.state,
  wave,
  needs: bead.spec.needs,
  commit: bead.landed?.commit,
  nothingToChange: bead.landed?.nothingToChange ?? false,
  polecat: bead.polecat,
  model: bead.model,
  turns: bead.spent?.turns ?? 0,
  tokens: bead.spent === undefined ? 0 : totalTokens(bead.spent.usage),
  ...(bead.spent?.usage.money === undefined ? {} : { money: bead.spent.usage.money }),
  ms: bead.ms,
  failure: bead.failure,
  ...(bead.spec.optional ? { optional: true } : {}),
  ...(bead.earlier ? { earlier: true } : {}),
});

/** The board as people see it, in the order of the plan. */
export const linesOf = (board: Board): BeadLine[] => {
  const wave = waveOf(nodesOf(board));
  return [...board.values()].map((bead) => lineOf(bead, wave.get(bead.spec.id) ?? 0));
};
