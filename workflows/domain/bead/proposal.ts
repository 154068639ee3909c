/** Discovered work: beads that a polecat proposes while it does its own. They wait for a person's approval (G9). */
import { counted } from '../amounts.ts';
import type { Failure } from '../failure.ts';
import type { BeadSpec, BeadState } from './bead.ts';

/** One proposed bead. Its text is a blob, like every task's. */
export interface Proposal {
  /** A slug, made of its title and text: the same proposal has the same id whoever makes it. */
  readonly id: string;
  readonly title: string;
  readonly taskRef: string;
  readonly files: readonly string[];
}

/** A proposal on an epic's board. */
export interface BoardProposal extends Proposal {
  /** The bead that it was discovered from. */
  readonly from: string;
  readonly state: 'waiting' | 'accepted' | 'dismissed';
}

/** A bead that proposes more than this has lost its task; an epic's board has room for so many. */
export const mostProposals = { perBead: 10, perEpic: 100 } as const;

/** Adds what is new, up to what one bead may propose. */
export const withProposals = (
  known: readonly Proposal[] | undefined,
  more: readonly Proposal[] | undefined,
): readonly Proposal[] | undefined => {
  if (more === undefined || more.length === 0) return known;
  const fresh = more.filter((one) => !known?.some(({ id }) => id === one.id));
  return [...(known ?? []), ...fresh].slice(0, mostProposals.perBead);
};

interface Proposer {
  readonly spec: { readonly id: string };
  readonly proposals?: readonly Proposal[] | undefined;
}

/** All proposals of an epic, each once, in the order of its beads. Accepted is what the board has by now. */
export const boardProposals = (
  board: ReadonlyMap<string, Proposer>,
  dismissed: ReadonlySet<string>,
): readonly BoardProposal[] => {
  const found = new Map<string, BoardProposal>();
  for (const { spec, proposals } of board.values()) {
    for (const one of proposals ?? []) {
      if (found.has(one.id)) continue;
      const state = board.has(one.id) ? 'accepted' : dismissed.has(one.id) ? 'dismissed' : 'waiting';
      found.set(one.id, { ...one, from: spec.id, state });
    }
  }
  return [...found.values()].slice(0, mostProposals.perEpic);
};

/** How many wait on these boards for a person. */
export const waitingProposals = (
  epics: readonly { readonly proposals?: readonly Pick<BoardProposal, 'state'>[] }[],
): number =>
  epics.flatMap(({ proposals = [] }) => proposals).filter(({ state }) => state === 'waiting').length;

/** What a person is told of those that wait. Nothing of it is a model's text (G9). */
export const proposalsWait = (convoy: string, count: number, open: boolean): Failure => {
  const [wait, them] = count === 1 ? ['waits', 'it'] : ['wait', 'them'];
  return {
    type: 'ProposalsWait',
    what: `${counted(count, 'proposal')} of more work by polecats ${wait} for you${open ? '' : '; the convoy has ended'}.`,
    evidence: '',
    next: open
      ? `See ${them} with: gt convoy proposals ${convoy}`
      : `See ${them} with: gt convoy proposals ${convoy}; as a plan to launch: gt convoy proposals ${convoy} --plan > next.yaml`,
  };
};

const lost: readonly string[] = ['blocked', 'cancelled', 'held'] satisfies BeadState[];

/** The bead that an accepted proposal becomes. It waits for the one that it was found in, unless that will not land. */
export const acceptedBead = (
  { id, title, taskRef, files, from }: BoardProposal,
  stateOfFrom: string | undefined,
): BeadSpec => ({
  id,
  title,
  taskRef,
  needs: stateOfFrom === undefined || lost.includes(stateOfFrom) ? [] : [from],
  files,
  tier: undefined,
  gates: [],
  // Whatever it says: only the plan of a person gives leave to change gates.
  approvedFiles: [],
});
