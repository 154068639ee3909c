/** Every duration that the workflow `fleet` uses, ms. Its input, so that tests pass less. */
export interface FleetPace {
  /** Least time from one plan to the next: news is gathered meanwhile. */
  readonly gatherMs: number;
  /** Of a plan in force: how soon the loss of its host is noticed. */
  readonly heartbeatMs: number;
  /** How long a plan waits for somebody to follow it. */
  readonly startMs: number;
  /** How long what a person asked to be loaded stays at least. */
  readonly askedMs: number;
}

export const defaultFleetPace: FleetPace = {
  gatherMs: 250,
  heartbeatMs: 12_000,
  startMs: 30_000,
  askedMs: 10 * 60_000,
};
