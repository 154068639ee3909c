/** What the fleet has been told, and what it learned of it: the state of the workflow `fleet`. */
import { type BeadReport, type EpicReport, kindOf, type StepKind } from './beadReport.ts';
import type { HostReport } from './hostReport.ts';
import { type Lessons, learnCalls, learnSizes, learnSwap, noLessons } from './lessons.ts';
import { explained, type Orders, type RememberedSwap } from './orders.ts';

/** A host by its last word. */
export interface KnownHost {
  readonly report: HostReport;
  /** Nobody holds its lease, as far as is known: it counts again when it reports. */
  readonly lost: boolean;
}

/** Whether it serves nobody at present. */
export const isAway = ({ lost, report }: KnownHost): boolean => lost || report.away !== undefined;

/** What a person asked of a host. */
export interface Steering {
  /** Models that stay loaded. */
  readonly pinned?: readonly string[];
  /** It takes no new work. */
  readonly drained?: true;
  /** Loaded at a person's word, until then (epoch ms). */
  readonly asked?: { readonly models: readonly string[]; readonly until: number };
}

export interface KnownFleet {
  readonly hosts: Readonly<Record<string, KnownHost>>;
  /** Beads by epic. */
  readonly epics: Readonly<Record<string, readonly BeadReport[]>>;
  readonly steering: Readonly<Record<string, Steering>>;
  /** When a call of a bead was last seen to end, by bead: what it is at, and since when it pauses. */
  readonly seen: Readonly<Record<string, SeenBead>>;
  readonly lessons: Lessons;
  /** The last changes of residency, newest last. */
  readonly swaps: readonly RememberedSwap[];
  /** What hosts are told, and why; states of older runs have none. */
  readonly orders?: Orders;
}

export interface SeenBead {
  readonly kind: StepKind;
  /** Who answered: a bead may have climbed since its epic told of it. Unknown in states of older runs. */
  readonly model?: string;
  readonly endedAt: number;
  /** Calls of this kind so far. */
  readonly calls: number;
  readonly ms: number;
}

export const noFleet: KnownFleet = {
  hosts: {},
  epics: {},
  steering: {},
  seen: {},
  lessons: noLessons,
  swaps: [],
};

/** Swaps that are remembered for people; lessons are kept of all. */
const mostSwaps = 50;

/** A host has told how it stands. */
export const hostTold = (known: KnownFleet, report: HostReport): KnownFleet => {
  const { host } = report;
  const seen = { ...known.seen };
  const told = keysOf(known.epics);
  for (const call of report.ended) {
    // Of the beads of towns where no epic tells of any, and of those that are over, nothing may be kept: there is no end to them.
    if (!told.has(call.bead)) continue;
    const kind = kindOf(call);
    const before = seen[call.bead];
    const same = before?.kind === kind;
    seen[call.bead] = {
      kind,
      model: call.model,
      endedAt: report.at,
      calls: (same ? before.calls : 0) + 1,
      ms: (same ? before.ms : 0) + call.ms,
    };
  }
  let lessons = learnCalls(learnSizes(known.lessons, report.sizes), host, report.ended);
  for (const swap of report.swaps) lessons = learnSwap(lessons, host, swap);
  const { orders, swaps } = explained(known.orders, host, report.swaps);
  return {
    ...known,
    hosts: { ...known.hosts, [host]: { report: { ...report, ended: [], swaps: [] }, lost: false } },
    seen,
    lessons,
    swaps: [...known.swaps, ...swaps].slice(-mostSwaps),
    orders,
  };
};

/** Whoever held a host's lease is gone. */
export const hostLost = (known: KnownFleet, host: string): KnownFleet => {
  const before = known.hosts[host];
  if (before === undefined) return known;
  const report: HostReport = { ...before.report, open: [], running: [] };
  return { ...known, hosts: { ...known.hosts, [host]: { report, lost: true } } };
};

/** An epic has told of its beads. */
export const epicTold = (known: KnownFleet, report: EpicReport): KnownFleet => {
  const told = new Map(report.beads.map((one) => [one.bead, one]));
  const gone = new Set(report.gone);
  const before = report.whole === true ? [] : (known.epics[report.epic] ?? []);
  const kept = before.filter(({ bead }) => !gone.has(bead) && !told.has(bead));
  const { [report.epic]: _, ...others } = known.epics;
  const beads = [...kept, ...told.values()];
  const epics = beads.length === 0 ? others : { ...others, [report.epic]: beads };
  const open = keysOf(epics);
  const seen = Object.fromEntries(Object.entries(known.seen).filter(([bead]) => open.has(bead)));
  return { ...known, seen, epics };
};

const keysOf = (epics: KnownFleet['epics']): ReadonlySet<string> =>
  new Set(
    Object.values(epics)
      .flat()
      .map(({ bead }) => bead),
  );

/** A person's word for a host; what is undefined in it is over. */
export const steered = (
  known: KnownFleet,
  host: string,
  change: { readonly [K in keyof Steering]: Steering[K] | undefined },
): KnownFleet => {
  const merged = { ...known.steering[host], ...change };
  const steering = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
  return { ...known, steering: { ...known.steering, [host]: steering } };
};

/** What a person asked for a while is over when its time is, whether its host reports or not. */
export const withoutExpired = (known: KnownFleet, now: number): KnownFleet => {
  const over = Object.entries(known.steering).filter(([, { asked }]) => (asked?.until ?? now + 1) <= now);
  return over.reduce((next, [host]) => steered(next, host, { asked: undefined }), known);
};

/** When the next of what people asked for is over; undefined where nothing is. */
export const nextExpiry = ({ steering }: KnownFleet): number | undefined => {
  const ends = Object.values(steering).flatMap(({ asked }) => asked?.until ?? []);
  return ends.length === 0 ? undefined : Math.min(...ends);
};
