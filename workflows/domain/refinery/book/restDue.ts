/** How far a run of the queue's workflow has come. */
export interface RunLength {
  /** Whether the server would like the run to continue as new. */
  readonly suggested: boolean;
  readonly testsUnderWay: number;
  readonly events: number;
  /** Of the history. */
  readonly bytes: number;
}

/**
 * Whether the run is to hand over to the next. The hand-over waits for the tests under way, since a run that ends takes them along,
 * and meanwhile no new one begins: up to a test's whole time, on all slots. So a busy queue goes on past what the server suggests
 * (some 4,000 events; it ends a run at 51,200 events or 50 MB), until it has no test under way or is well on the way to those limits.
 */
export const isRestDue = ({ suggested, testsUnderWay, events, bytes }: RunLength): boolean =>
  suggested && (testsUnderWay === 0 || events > mostEvents || bytes > mostBytes);

const mostEvents = 12_000;
const mostBytes = 10_000_000;
