/** Why a person's own branch is not at what landed beside it, and the command that takes it over. */
export interface Behind {
  readonly what: string;
  readonly evidence: string;
  /** One command for a person. */
  readonly next: string;
}

/** The person's branch beside the one that the town lands on, where the town brings it along. */
export interface UpstreamStatus {
  readonly branch: string;
  /** Undefined when it has all that landed. */
  readonly behind: Behind | undefined;
}
