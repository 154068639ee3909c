import type { FleetFacts } from './facts.ts';
import type { ReportedCall } from './hostReport.ts';
import type { KnownFleet } from './known.ts';

/** What is believed of calls before one was seen. */
export const usual = { callMs: 60_000, gapMs: 30_000, calls: 3, startMs: 1_500 } as const;

/** What one picture to plan from is made of. */
export interface Picture {
  readonly known: KnownFleet;
  readonly facts: FleetFacts;
  readonly now: number;
  /** By stage. */
  readonly running: ReadonlyMap<string, ReportedCall>;
  /** The last stage of each bead, by key: what others wait for. */
  readonly lasts: ReadonlyMap<string, string>;
}
