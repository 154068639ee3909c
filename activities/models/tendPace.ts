/** How often a lease looks, ms. */
export interface TendPace {
  /** Demand, while a call may be waiting for another model than the open one. */
  readonly pollMs: number;
  /** Demand, while the open model is at work. */
  readonly busyPollMs: number;
  /** An open model with a free place that got no call for this long has none waiting. */
  readonly settleMs: number;
  /** Whether an open model is still there. */
  readonly recheckMs: number;
  /** First and longest rest after a failure. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
  /** Longest rest of a model whose load failed, on a host where that takes the time of others. */
  readonly failedLoadMaxMs: number;
  /** Rest of a model whose call proved its context too small: its server will say again that all is well. */
  readonly refutedMs: number;
  /** A model that is ready sooner is not told as loading: it would double what its host's history holds. */
  readonly tellLoadingMs: number;
  /** A plan that leaves the host idle while calls of another model wait is overruled after so long. */
  readonly planPatienceMs: number;
  /** Least time between two reports to the fleet, and where only calls came and went. */
  readonly tellFleetMs: number;
  readonly tellCallsMs: number;
  /** How long calls may go on when their gate closes for another model, and when the process stops or the host failed. */
  readonly drainMs: number;
  readonly stopMs: number;
}

export const defaultTendPace: TendPace = {
  pollMs: 200,
  busyPollMs: 1_000,
  settleMs: 250,
  recheckMs: 15_000,
  retryMs: 1_000,
  retryMaxMs: 30_000,
  failedLoadMaxMs: 30 * 60_000,
  refutedMs: 5 * 60_000,
  tellLoadingMs: 1_000,
  planPatienceMs: 90_000,
  tellFleetMs: 100,
  tellCallsMs: 1_000,
  drainMs: 5 * 60_000,
  stopMs: 5_000,
};
