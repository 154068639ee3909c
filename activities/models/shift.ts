import { log } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import type { HostSettings, ModelSettings } from '../../workflows/domain/host/model.ts';
import { closedWhileQuiet, type Hours } from '../../workflows/domain/host/quiet.ts';
import type { HostObservation, ModelDemand } from '../../workflows/domain/host/residency.ts';
import type { Place } from '../../workflows/domain/naming.ts';
import type { Blobs } from '../ledger/blobs.ts';
import type { Live } from '../live/live.ts';
import { createAdapter, type HostAdapter } from './adapters/adapter.ts';
import { reason } from './answers.ts';
import { type Backlog, createBacklog, type TemporalService } from './backlog.ts';
import { type Bell, createBell } from './bell.ts';
import type { CreateModelWorker, Gate } from './gate.ts';
import type { Transcript } from './infer.ts';
import type { Lease } from './lease.ts';
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
  /** Temporal's gRPC service: `connection.workflowService`. */
  readonly service: TemporalService;
  readonly namespace: string;
  readonly createModelWorker: CreateModelWorker;
  /** Tells the workflow `host/<host>`. */
  readonly report: (host: string, observed: HostObservation) => Promise<void>;
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
  readonly gauges: ReadonlyMap<string, TokenGauge>;
  readonly slots: Slots;
  /** Models to look at now, since a call of theirs failed. */
  readonly backlog: Backlog;
  readonly suspects: Set<string>;
  /** Models whose calls proved that they are not what was verified. */
  readonly refuted: Map<string, ApplicationFailure>;
  /** Whether models are open together. Given up when the server turns out not to hold them. */
  together: boolean;
  /** The model that is being made ready, once that has taken a while. */
  loading: string | undefined;
  /** As of the last look at the clock. */
  hours: Hours;
  checkedAt: number;
  reported: string;
}

export const beginShift = (deps: HostDeps, host: HostSettings, lease: Lease): Shift => {
  const models = deps.models.filter((model) => model.hosts.includes(host.name));
  const pace = { ...defaultTendPace, ...deps.pace };
  return {
    deps,
    host,
    models,
    adapter: createAdapter(host, keyOf(deps, host)),
    lease,
    pace,
    bell: createBell(),
    gates: new Map(),
    refusals: createRefusals(
      models.map((model) => model.key),
      pace,
    ),
    gauges: new Map(models.map((model) => [model.key, createTokenGauge()])),
    slots: createSlots(host.slots),
    backlog: createBacklog(deps.service, deps.namespace, pace.settleMs),
    suspects: new Set(),
    refuted: new Map(),
    together: host.coresident,
    loading: undefined,
    hours: { quiet: false, until: 0 },
    checkedAt: performance.now(),
    reported: '',
  };
};

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
  const closed = refusals.list().filter((one) => !gates.has(one.model));
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
  const retry = refusals.nextMs();
  if (retry !== undefined && gates.size < models.length) waits.push(Math.max(retry, 10));
  return Math.min(...waits);
};

export const keyOf = (deps: HostDeps, host: HostSettings): string | undefined =>
  host.apiKeyEnv === undefined ? undefined : (deps.env ?? process.env)[host.apiKeyEnv];

export const nowOf = ({ now = Date.now }: HostDeps): number => now();

export const zoneOf = ({ timeZone = 'UTC' }: HostDeps): string => timeZone;
