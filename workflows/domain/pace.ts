/**
 * Every duration that a workflow uses, in ms. Workflow input, so that tests pass milliseconds where people wait
 * minutes; recorded with the run, so that new defaults never change an old history.
 */
export interface Pace {
  /** Heartbeat timeouts. The SDK reports a lost lease only ~5 s after the timeout. */
  readonly heartbeatMs: number;
  readonly inferHeartbeatMs: number;
  /** Worktree and prompt work. */
  readonly rigCallMs: number;
  /** A whole gate run, all gates together. */
  readonly gatesMs: number;
  /** Short calls of the town to itself. */
  readonly townCallMs: number;
  /** First and later waits before a queued bead asks whether the Refinery still knows it. */
  readonly standingFirstMs: number;
  readonly standingLaterMs: number;
  /** How long a call may wait before the bead looks at what the model's hosts say. */
  readonly outlookFirstMs: number;
  readonly outlookLaterMs: number;
  /** How long all hosts of a model may refuse it for good, or be down, before its beads are blocked. */
  readonly refusedPatienceMs: number;
  readonly downPatienceMs: number;
  /** How often a stopped Refinery looks at the target again. */
  readonly baseRedMs: number;
  /** First and longest wait before a person's checkout that was in the way is looked at again. */
  readonly followFirstMs?: number;
  readonly followLaterMs?: number;
  /** How long a landed bead waits before it cleans up, so that those who waited for it start first. */
  readonly cleanUpAfterMs: number;
  /** How long news that needs a person waits for more of its kind. */
  readonly gatherMs: number;
  /** How often an epic looks whether the disk has room for another bead; undefined: never. */
  readonly roomMs?: number;
  /** How long an epic gathers news before it tells the fleet. */
  readonly tellFleetMs?: number;
  /** First pause between attempts of an activity. */
  readonly retryMs: number;
}

export const defaultPace: Pace = {
  heartbeatMs: 30_000,
  inferHeartbeatMs: 12_000,
  rigCallMs: 10 * 60_000,
  gatesMs: 60 * 60_000,
  townCallMs: 30_000,
  standingFirstMs: 5 * 60_000,
  standingLaterMs: 30 * 60_000,
  outlookFirstMs: 15_000,
  outlookLaterMs: 2 * 60_000,
  refusedPatienceMs: 60_000,
  downPatienceMs: 90 * 60_000,
  baseRedMs: 60_000,
  followFirstMs: 5_000,
  followLaterMs: 5 * 60_000,
  cleanUpAfterMs: 1_000,
  gatherMs: 30_000,
  roomMs: 60_000,
  tellFleetMs: 1_000,
  retryMs: 1_000,
};
