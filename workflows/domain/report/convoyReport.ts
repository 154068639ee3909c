/** The morning report of a convoy: what landed, what did not and why, what needs a person, what it cost. */

import type { Until } from '../convoy.ts';
import { beadKey } from '../naming.ts';
import type { Forecast } from '../plan/forecast.ts';
import { type Totals, totalsOf } from './board.ts';
import type { BeadLine, ConvoyStatus, EpicStatus, HostStatus, RefineryStatus } from './report.ts';
import { byWork, type CostLine, costsOf, moneyIn, type ReportedCall, tokensOf } from './reportCosts.ts';
import { type Need, needsOf, type ReportedBead } from './reportNeeds.ts';

/** All that a report is made of. */
export interface ReportSources {
  readonly status: ConvoyStatus;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly now: number;
  /** Of this launch and of those before it. */
  readonly calls: readonly ReportedCall[];
  /** The merge queues that it lands through. */
  readonly refineries: readonly RefineryStatus[];
  readonly hosts: readonly HostStatus[];
  readonly timeZone: string;
}

export interface ConvoyReport {
  readonly convoy: string;
  readonly title: string;
  /** `ended`: it is over, and not everything landed. */
  readonly state: ConvoyStatus['state'] | 'ended';
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly ms: number;
  readonly timeZone: string;
  readonly until: Until | undefined;
  readonly totals: Totals;
  readonly needs: readonly Need[];
  readonly landed: readonly ReportedBead[];
  readonly notLanded: readonly ReportedBead[];
  readonly costs: readonly CostLine[];
  readonly tokens: {
    readonly granted: number | undefined;
    /** By this launch. */
    readonly spent: number;
    /** By the mayor, for the plan; no part of the other two. */
    readonly planning: number;
    /** By launches before it, as far as transcripts remember. */
    readonly earlier: number;
  };
  /** The same in millionths of the currency; undefined where nothing has a price. */
  readonly money?: ConvoyReport['tokens'];
  readonly currency?: string;
  readonly forecast: Forecast | undefined;
  /** What stands beside the forecast. */
  readonly actual: { readonly turns: number; readonly tokens: number; readonly ms: number };
}

/** Makes the report. Everything in it that models and repositories wrote is still as they wrote it. */
export const convoyReport = (sources: ReportSources): ConvoyReport => {
  const { status, startedAt, endedAt, now } = sources;
  const beads = status.epics.flatMap((epic) => epic.beads.map((bead) => reported(epic, bead)));
  const totals = totalsOf(beads);
  const ms = Math.max(0, (endedAt ?? now) - startedAt);
  // The mayor has done its part before the convoy is launched, and not again at later launches.
  const [plans, works] = byWork(sources.calls);
  const own = works.filter(({ at }) => at >= startedAt);
  const costs = costsOf([...plans, ...own], beads);
  const planning = tokensOf(plans);
  const earlier = tokensOf(works) - tokensOf(own);
  const spent = Math.max(
    0,
    costs.reduce((sum, line) => sum + line.promptTokens + line.completionTokens, 0) - planning,
  );
  return {
    convoy: status.convoy,
    title: status.title,
    state: stateOf(status, totals, endedAt),
    startedAt,
    endedAt,
    ms,
    timeZone: sources.timeZone,
    until: status.until,
    totals,
    needs: needsOf({ ...sources, open: endedAt === undefined }, beads),
    landed: beads.filter(({ state }) => state === 'landed'),
    notLanded: beads.filter(({ state }) => state !== 'landed'),
    costs,
    tokens: {
      granted: status.tokens.granted,
      spent: Math.max(spent, status.tokens.spent),
      planning,
      earlier,
    },
    ...moneyOf(status, plans, works, own),
    forecast: status.forecast,
    actual: { turns: beads.reduce((sum, { turns }) => sum + turns, 0), tokens: spent, ms },
  };
};

const moneyOf = (
  { money, currency }: ConvoyStatus,
  plans: readonly ReportedCall[],
  works: readonly ReportedCall[],
  own: readonly ReportedCall[],
): Pick<ConvoyReport, 'money' | 'currency'> => {
  const [planning, all, here] = [plans, works, own].map(moneyIn) as [number, number, number];
  if (money === undefined && planning + all === 0) return {};
  const spent = Math.max(here, money?.spent ?? 0);
  return {
    money: { granted: money?.granted, spent, planning, earlier: all - here },
    ...(currency === undefined ? {} : { currency }),
  };
};

/** One line, for a subject or a notification: `Convoy demo ended: 6 of 8 landed, 1 blocked, 1 held; 2 things need you`. */
export const reportSummary = ({ convoy, state, totals, needs }: ConvoyReport): string => {
  const rest = (['blocked', 'held', 'cancelled', 'parked'] as const)
    .filter((kind) => totals[kind] > 0)
    .map((kind) => `, ${totals[kind]} ${kind}`);
  const you =
    needs.length === 0 ? '' : `; ${needs.length === 1 ? '1 thing needs' : `${needs.length} things need`} you`;
  return `Convoy ${convoy} ${state}: ${totals.landed} of ${totals.beads} landed${rest.join('')}${you}`;
};

const reported = ({ convoy, epic, rig, target }: EpicStatus, bead: BeadLine): ReportedBead => ({
  ...bead,
  key: beadKey({ convoy, epic, bead: bead.bead }),
  rig,
  target,
});

/** A run that was ended by hand, or timed out, keeps the state that it had. */
const stateOf = (
  { state }: ConvoyStatus,
  { landed, beads }: Totals,
  endedAt: number | undefined,
): ConvoyReport['state'] => {
  if (state === 'done') return landed < beads ? 'ended' : 'done';
  return endedAt === undefined || state === 'failed' || state === 'cancelled' ? state : 'ended';
};
