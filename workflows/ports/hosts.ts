/** The port of the queues `host.<host>`. */

export interface HostPort {
  /**
   * The lease of one host: while it runs, and only then, this process keeps the Workers on `llm.<model>` of the host
   * and decides what is loaded. Returns at a quiet moment after `maxMs`.
   */
  tendHost(request: TendHost): Promise<void>;
}

export interface TendHost {
  readonly host: string;
  readonly maxMs: number;
}

/** The port of the queues `residency.<host>`, served by whoever holds the host's lease, and by nobody else. */
export interface ResidencyPort {
  /**
   * The host holds what the plan wants for as long as this runs: gates of others close, their calls drain, they are unloaded,
   * what is wanted is loaded and verified, and its gates open. Of two plans the later one counts. Ends only by cancellation, or
   * with the lease; then the host goes on by its own rule.
   */
  followPlan(plan: FollowPlan): Promise<void>;
}

export interface FollowPlan {
  readonly host: string;
  readonly want: readonly string[];
  /** A person wants it so: nothing overrules it. */
  readonly firm?: true;
  /** When it was made, epoch ms. */
  readonly madeAt: number;
}
