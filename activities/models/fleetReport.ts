import type { HostReport } from '../../workflows/domain/fleet/hostReport.ts';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import type { Hours } from '../../workflows/domain/host/quiet.ts';
import type { ModelDemand } from '../../workflows/domain/host/residency.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { CallLog } from './callLog.ts';
import { type Gate, residentOf } from './gate.ts';
import type { Lease } from './lease.ts';
import type { Refusals } from './refusals.ts';

/** What of a lease's memory the fleet is told. */
export interface Standing {
  readonly host: HostSettings;
  readonly models: readonly ModelSettings[];
  readonly lease: Lease;
  readonly gates: ReadonlyMap<string, Gate>;
  readonly refusals: Refusals;
  readonly calls: CallLog;
  readonly demands: readonly ModelDemand[];
  readonly hours: Hours;
  /** A change of residency under way, and those that were made since the last report. */
  readonly swap: HostReport['swap'];
  readonly swaps: HostReport['swaps'][number][];
  /** Since when the same models are resident, epoch ms. */
  readonly since: number;
  /** What stays in memory although its gates are closed. */
  readonly kept: readonly string[];
  /** What the server holds that is nobody's plan. */
  readonly strangers: readonly string[];
  /** What models were seen to take of its memory, bytes. */
  readonly sizes: ReadonlyMap<string, number>;
  /** The lease is about to end. */
  readonly isOver: boolean;
  /** Whether the fleet has heard of this lease. */
  isHeard: boolean;
}

/** How a host stands, for the fleet. */
export const fleetReport = (standing: Standing): HostReport => {
  const { host, gates, refusals, demands, calls, swap, swaps, hours, lease, strangers, isOver } = standing;
  const now = Date.now();
  const left = isOver || lease.ended() !== undefined;
  const kept = standing.kept.filter((model) => !gates.has(model));
  return {
    host: host.name,
    at: now,
    open: residentOf(gates),
    since: standing.since,
    serves: standing.models.map(({ key }) => key),
    refused: refusals.unusable().filter((model) => !gates.has(model)),
    ...troublesOf(standing),
    running: calls.running(),
    waiting: demands
      .filter(({ waiting }) => waiting > 0)
      .map(({ model, waiting, waitedMs }) => ({ model, calls: waiting, since: Math.round(now - waitedMs) })),
    ended: calls.ended(),
    ...(swap === undefined ? {} : { swap }),
    swaps: [...swaps],
    ...(left ? { away: 'left' as const } : hours.quiet ? { away: 'quiet' as const } : {}),
    ...(kept.length === 0 ? {} : { kept }),
    ...(strangers.length === 0 ? {} : { strangers }),
    sizes: [...standing.sizes].map(([model, bytes]) => ({ model, bytes })),
    sentBack: calls.sentBack(),
    ...(standing.isHeard ? {} : { fresh: true as const }),
  };
};

/** Of models alone: what is the host's fault is told by the workflow of the host, and would be news with every try. */
const troublesOf = ({ refusals, gates }: Standing): Pick<HostReport, 'troubles'> => {
  const own = refusals.list().filter(({ model, ofHost }) => !ofHost && !gates.has(model));
  if (own.length === 0) return {};
  return {
    troubles: own.slice(0, mostTroubles).map(({ model, failure, terminal, tries, nextAt }) => ({
      ...{ model, what: oneLine(failure.what, longestTrouble) },
      // What somebody has to mend is no news when it is tried in vain.
      ...(terminal ? {} : { tries, nextAt }),
    })),
  };
};

const mostTroubles = 20;
const longestTrouble = 300;

/** What was told once is not told again. */
export const fleetHeard = (shift: Standing, report: HostReport): void => {
  shift.isHeard = true;
  shift.calls.told(report.ended);
  shift.swaps.splice(0, report.swaps.length);
};
