import type { Failure } from '../failure.ts';

/** A person's own branch on its way through the Refinery. */
export type OwnBranchState =
  | 'opening' // read from the repository
  | 'queued' // in the Refinery
  | 'landed'
  | 'sentBack' // does not merge, or red twice alone
  | 'withdrawn'
  | 'failed'; // cannot be submitted at all

export interface OwnBranchStatus {
  readonly rig: string;
  readonly branch: string;
  readonly state: OwnBranchState;
  /** Where it lands, and the person's branch behind that when they differ. */
  readonly target: string | undefined;
  readonly upstream: string | undefined;
  readonly title: string;
  /** The commit that was submitted. */
  readonly head: string | undefined;
  /** Of the branch, that the target does not have. */
  readonly commits: number;
  /** With which it landed; undefined when the target had it all before. */
  readonly commit: string | undefined;
  readonly failure: Failure | undefined;
  /** Blob with the whole evidence. */
  readonly evidenceRef: string | undefined;
}

/** Nothing more happens to it until somebody submits it again. */
export const isOver = (state: OwnBranchState): boolean => state !== 'opening' && state !== 'queued';

/** How the Refinery names it: no convoy's bead, although it looks like one. */
export const ownBranchKey = (rig: string, name: string): string => `submission/${rig}/${name}`;

/** The Refinery's words are for polecats, who try again by themselves; a person has to. */
export const forPerson = (failure: Failure, branch: string, onto: string): Failure => ({
  ...failure,
  next:
    failure.type === 'MergeConflict'
      ? `Merge or rebase ${branch} onto ${onto}, then: gt submit ${branch}`
      : `Repair ${branch}, commit, then: gt submit ${branch}`,
});
