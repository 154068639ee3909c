import type { Failure } from '../failure.ts';
import type { Place } from '../naming.ts';

/** What the lease of a host sees, as it tells the workflow `host/<host>`. */
export interface HostObservation {
  /** Models whose gate is open. */
  readonly open: readonly string[];
  /** Models that are refused or not ready, with the reason. One that only waits for its turn is in neither list. */
  readonly closed: readonly {
    readonly model: string;
    readonly failure: Failure;
    readonly terminal: boolean;
  }[];
  /** Models that the host is loading now: nothing is known of them yet. */
  readonly loading?: readonly string[];
  /** It is in its quiet hours, which end then; epoch ms. */
  readonly quietUntil?: number;
  readonly place: Place;
}

/** The work for one model of a host. */
export interface ModelDemand {
  readonly model: string;
  /** Calls that wait in its queue. */
  readonly waiting: number;
  /** How long the first of them has waited, ms. */
  readonly waitedMs: number;
  /** Calls of it that run on this host. */
  readonly running: number;
  /** Not refused, and not resting after a failure. */
  readonly usable: boolean;
}

/**
 * The models of one host whose gates are to be open. One at a time, unless the host holds several together: the present one
 * as long as it has work, else the one whose call waits longest. Nobody waits: all stays as it is.
 */
export const chooseOpen = (
  coresident: boolean,
  open: readonly string[],
  demands: readonly ModelDemand[],
): readonly string[] => {
  const usable = demands.filter((demand) => demand.usable);
  if (coresident || demands.length === 1) return usable.map((demand) => demand.model);
  const present = usable.find((demand) => open.includes(demand.model));
  if (present !== undefined && present.waiting + present.running > 0) return [present.model];
  const [longest] = usable
    .filter((demand) => demand.waiting > 0)
    .toSorted((a, b) => b.waitedMs - a.waitedMs || b.waiting - a.waiting);
  const chosen = longest ?? present;
  return chosen === undefined ? [] : [chosen.model];
};
