import { log } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import type { HostReport } from '../../workflows/domain/fleet/hostReport.ts';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import { closedWhileQuiet, type Hours } from '../../workflows/domain/host/quiet.ts';
import type { HostObservation, ModelDemand } from '../../workflows/domain/host/residency.ts';
import type { Place } from '../../workflows/domain/naming.ts';
import type { ResidencyPort } from '../../workflows/ports.ts';
import { type Counts, uncounted } from '../counts/counts.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { HostLedger } from '../ledger/hostLedger.ts';
import type { Live } from '../live/live.ts';
import { createAdapter, type HostAdapter } from './adapters/adapter.ts';
import type { LoadTimes } from './adapters/loadTimes.ts';
import { reason } from './answers.ts';
import { type Backlog, createBacklog, type TemporalService } from './backlog.ts';
import { type Bell, createBell } from './bell.ts';
import { type CallLog, createCallLog } from './callLog.ts';
import { fleetHeard, fleetReport } from './fleetReport.ts';
import { createFleetTeller, type FleetTeller } from './fleetTeller.ts';
import type { CreateModelWorker, Gate, ModelWorker } from './gate.ts';
import type { Transcript } from './infer.ts';
import type { Lease } from './lease.ts';
import { createPlans, type Plans } from './plans.ts';
import { createRefusals, type Refusals } from './refusals.ts';
import { createSlots, type Slots } from './slots.ts';
import { defaultTendPace, type TendPace } from './tendPace.ts';
import { createTokenGauge, type TokenGauge } from './tokens.ts';

export interface HostDeps {
  readonly hosts: readonly HostSettings[];
  readonly models: readonly ModelSettings[];
  readonly place: Place;
  readonly blobs: Blobs;
  readonly transcript: Transcript;
  /** Where people see replies while they are written. */
  readonly live?: Live | undefined;
  /** Where what becomes of models is noted and counted, and where calls are counted. */
  readonly ledger?: HostLedger;
  readonly counts?: Counts;
  /** How soon replies are expected, by tier, ms. */
  readonly targets?: Readonly<Record<string, number>>;
  /** Temporal's gRPC service: `connection.workflowService`. */
  readonly service: TemporalService;
  readonly namespace: string;
  readonly createModelWorker: CreateModelWorker;
  /** Tells the workflow `host/<host>`. */
  readonly report: (host: string, observed: HostObservation) => Promise<void>;
  /** Tells the workflow `fleet`; nobody is told when left out. */
  readonly tellFleet?: (report: HostReport) => Promise<void>;
  /** Makes the Worker by which the host follows plans of the fleet; it follows none when left out. */
  readonly createResidencyWorker?: (host: string, activities: ResidencyPort) => Promise<ModelWorker>;
  /** Where keys are; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly pace?: Partial<TendPace>;
  /** Where the hosts' quiet hours begin and end, an IANA name; default UTC. */
  readonly timeZone?: string;
  /** The wall clock, epoch ms; default `Date.now`. */
  readonly now?: () => number;
}

/** What one lease keeps in mind. */
export interface Shift {
  readonly deps: HostDeps;
  readonly host: HostSettings;
  readonly models: readonly ModelSettings[];
  readonly adapter: HostAdapter;
  readonly lease: Lease;
  readonly pace: TendPace;
  readonly bell: Bell;
  readonly gates: Map<string, Gate>;
  readonly refusals: Refusals;
  /** What loads here have taken: more than one lease knows. */
  readonly loads: LoadTimes;
  readonly gauges: ReadonlyMap<string, TokenGauge>;
  readonly slots: Slots;
  /** Models to look at now, since a call of theirs failed. */
  readonly backlog: Backlog;
  readonly suspects: Set<string>;
  /** Models of which a call came to nothing: they must generate once more. */
  readonly stalled: Set<string>;
  /** Models whose calls proved that they are not what was verified. */
  readonly refuted: Map<string, ApplicationFailure>;
  /** Whether models are open together. Given up when the server turns out not to hold them. */
  together: boolean;
  /** The model that is being made ready, once that has taken a while. */
  loading: string | undefined;
  /** Plans of the fleet that it follows. */
  readonly plans: Plans;
  readonly calls: CallLog;
  readonly fleet: FleetTeller;
  /** What the fleet is told once: changes since the last report. */
  readonly swaps: HostReport['swaps'][number][];
  /** When the last look began, by `performance.now()`. */
  lookedAt: number;
  /** As of the last look. */
  demands: readonly ModelDemand[];
  /** A change of residency under way. */
  swap: HostReport['swap'];
  /** Since when the same models are resident, epoch ms. */
  since: number;
  /** What was resident before a swap that has come to nothing; empty where none has. */
  former: readonly string[];
  /** What stays in memory although its gates are closed. */
  kept: readonly string[];
  /** What the server holds that is nobody's plan. */
  strangers: readonly string[];
  /** What models were seen to take of its memory, bytes. */
  readonly sizes: Map<string, number>;
  /** The lease is about to end. */
  isOver: boolean;
  /** Whether the fleet has heard of this lease. */
  isHeard: boolean;
  /** As of the last look at the clock. */
  hours: Hours;
  checkedAt: number;
  reported: string;
}

export const beginShift = (deps: HostDeps, host: HostSettings, lease: Lease, loads: LoadTimes): Shift => {
  const models = deps.models.filter((model) => model.hosts.includes(host.name));
  const pace = { ...defaultTendPace, ...deps.pace };
  const bell = createBell();
  const shift: Shift = {
    deps,
    host,
    models,
    adapter: createAdapter(host, keyOf(deps, host), { own: models, loads }),
    lease,
    pace,
    bell,
    gates: new Map(),
    refusals: createRefusals(
      models.map((model) => model.key),
      pace,
    ),
    loads,
    gauges: new Map(models.map((model) => [model.key, createTokenGauge()])),
    slots: createSlots(host.slots, (busy) => countSlots(deps.counts, host, busy)),
    backlog: createBacklog(deps.service, deps.namespace, pace.settleMs),
    suspects: new Set(),
    stalled: new Set(),
    refuted: new Map(),
    together: host.coresident,
    loading: undefined,
    plans: createPlans(() => bell.ring()),
    calls: createCallLog(() => shift.fleet.changed()),
    fleet: createFleetTeller({
      report: () => fleetReport(shift),
      send: async (report) => deps.tellFleet?.(report),
      heard: (report) => fleetHeard(shift, report),
      everyMs: pace.tellFleetMs,
      // Nobody plans for a host that has nothing to choose.
      callsEveryMs: models.length > 1 && !host.coresident ? pace.tellCallsMs : seldomMs,
    }),
    swaps: [],
    lookedAt: 0,
    demands: [],
    swap: undefined,
    since: Date.now(),
    former: [],
    kept: [],
    strangers: [],
    sizes: new Map(),
    isOver: false,
    isHeard: false,
    hours: { quiet: false, until: 0 },
    checkedAt: performance.now(),
    reported: '',
  };
  return shift;
};

const seldomMs = 60_000;

const countSlots = (counts: Counts = uncounted, { name, slots }: HostSettings, busy: number): void =>
  counts.set('slotsBusy', { host: name }, busy / slots);

export const readDemands = async (shift: Shift): Promise<readonly ModelDemand[]> => {
  const { backlog, models, gates, refusals } = shift;
  // With nothing to choose between, nobody needs to ask.
  const ask = models.length > 1 && !shift.together;
  return Promise.all(
    models.map(async ({ key }) => {
      const running = gates.get(key)?.running() ?? 0;
      const usable = gates.has(key) || !refusals.isResting(key);
      // Temporal out of reach: what is open stays, and the lease decides for how long.
      const waiting = ask ? await backlog.read(key, gates.get(key)).catch(() => undefined) : undefined;
      return {
        model: key,
        running,
        usable,
        waiting: waiting?.waiting ?? 0,
        waitedMs: waiting?.waitedMs ?? 0,
      };
    }),
  );
};

/** Tells what changed. */
export const report = async (shift: Shift): Promise<void> => {
  const { gates, refusals, deps, host } = shift;
  const closed = refusals
    .list()
    .filter((one) => !gates.has(one.model))
    // When it is tried again is no news for who waits.
    .map(({ model, failure, terminal }) => ({ model, failure, terminal }));
  const { quiet, until } = shift.hours;
  const observed: HostObservation = {
    open: [...gates.keys()],
    closed: quiet
      ? closedWhileQuiet(
          { host: host.name, zone: zoneOf(deps), until },
          shift.models.map(({ key }) => key).filter((key) => !gates.has(key)),
          closed,
        )
      : closed.filter(({ model }) => model !== shift.loading),
    ...(shift.loading === undefined ? {} : { loading: [shift.loading] }),
    ...(quiet ? { quietUntil: until } : {}),
    place: deps.place,
  };
  const text = JSON.stringify(observed);
  if (text === shift.reported) return;
  try {
    await deps.report(host.name, observed);
    shift.reported = text;
  } catch (error) {
    // Told again with the next change or look; a host that serves must not stop because nobody listens.
    log.warn('host not reported', { host: host.name, error: reason(error) });
  }
};

/** How long nothing needs doing. */
export const restMs = (shift: Shift, demands: readonly ModelDemand[], leftMs: number): number => {
  const { pace, refusals, gates, models } = shift;
  const busy = demands.some((demand) => demand.running > 0);
  const choice = models.length > 1 && !shift.together;
  const waits = [pace.recheckMs, leftMs > 0 ? leftMs : pace.busyPollMs];
  waits.push(Math.max(shift.hours.until - nowOf(shift.deps), 10));
  if (choice) waits.push(busy ? pace.busyPollMs : pace.pollMs);
  const retry = refusals.nextMs(shift.lookedAt);
  if (retry !== undefined && gates.size < models.length) waits.push(Math.max(retry, 10));
  return Math.min(...waits);
};

export const keyOf = (deps: HostDeps, host: HostSettings): string | undefined =>
  host.apiKeyEnv === undefined ? undefined : (deps.env ?? process.env)[host.apiKeyEnv];

export const nowOf = ({ now = Date.now }: HostDeps): number => now();

export const zoneOf = ({ timeZone = 'UTC' }: HostDeps): string => timeZone;
