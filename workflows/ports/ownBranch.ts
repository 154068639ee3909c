/** The part of the queue `rig.<rig>.<place>` that a person's own branches need. */

export interface OwnBranchPort {
  /** Fetches a branch of the person's repository and says where it lands, or finds that it has. */
  openSubmission(request: OpenSubmission): Promise<OpenedSubmission>;
  /** Lets go of what was kept for it. */
  closeSubmission(request: { readonly rig: string; readonly name: string }): Promise<void>;
}

export interface OpenSubmission {
  readonly rig: string;
  /** As the source names it. */
  readonly branch: string;
  /** A slug for it, unique in the rig. */
  readonly name: string;
  /** The branch that it is for; the rig's when undefined. */
  readonly target: string | undefined;
  readonly title: string | undefined;
}

export interface OpenedSubmission {
  readonly target: string;
  readonly upstream: string | undefined;
  readonly head: string;
  /** Where it left the target; equals `head` when the target has all of it. */
  readonly base: string;
  readonly title: string;
  readonly commits: number;
  /** Names this very commit, as a bead's task does. */
  readonly taskRef: string;
}
