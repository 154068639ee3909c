/** Makes one picture to plan from out of what hosts and epics have told. */
import type { BeadReport, BeadStep } from './beadReport.ts';
import { stageId } from './beadReport.ts';
import type { FleetFacts, HostFacts, ModelFacts } from './facts.ts';
import type { FleetHost, FleetModel, FleetState, RunningCall, Stage } from './fleet.ts';
import type { ReportedCall } from './hostReport.ts';
import type { KnownFleet, KnownHost, SeenBead, Steering } from './known.ts';
import { routeOf } from './route.ts';

/** What is believed of calls before one was seen. */
export const usual = { callMs: 60_000, gapMs: 30_000, calls: 3, startMs: 1_500 } as const;

/** How far calls are from what their plan says of them, as a share of it. */
const estimateSpread = 0.1;

/** The state of the fleet at a moment, as far as it is known. */
export const assemble = (known: KnownFleet, facts: FleetFacts, now: number): FleetState => {
  const beads = Object.values(known.epics).flat();
  const picture = { known, facts, now, running: runningCalls(known), lasts: lastStages(beads) };
  const placed = beads.flatMap((bead) => stagesOf(picture, bead));
  return {
    now,
    models: facts.models.map((model) => fleetModel(known, model)),
    hosts: facts.hosts.map((host) => fleetHost({ known, now }, host, facts.models)),
    stages: withBacklog(picture, placed),
  };
};

interface Picture {
  readonly known: KnownFleet;
  readonly facts: FleetFacts;
  readonly now: number;
  /** By stage. */
  readonly running: ReadonlyMap<string, ReportedCall>;
  /** The last stage of each bead, by key: what others wait for. */
  readonly lasts: ReadonlyMap<string, string>;
}

const kindOf = ({ role }: ReportedCall): 'code' | 'review' => (role === 'reviewer' ? 'review' : 'code');

const runningCalls = ({ hosts }: KnownFleet): ReadonlyMap<string, ReportedCall> =>
  new Map(
    Object.values(hosts)
      .flatMap(({ report }) => report.running)
      .map((call) => [stageId(call.bead, kindOf(call)), call]),
  );

const lastStages = (beads: readonly BeadReport[]): ReadonlyMap<string, string> =>
  new Map(
    beads.flatMap(({ bead, steps }) => {
      const last = steps.at(-1);
      return last === undefined ? [] : [[bead, stageId(bead, last.kind)] as const];
    }),
  );

/** The work that a bead still stands for: a reviewer's part is over only with the bead. */
const stagesOf = (picture: Picture, bead: BeadReport): Stage[] => {
  const seen = picture.known.seen[bead.bead];
  const at = bead.steps.findIndex(({ kind }) => picture.running.has(stageId(bead.bead, kind)));
  const last = Math.max(
    0,
    bead.steps.findIndex(({ kind }) => kind === seen?.kind),
  );
  const current = at >= 0 ? at : isDone(bead.steps[last], seen) ? last + 1 : last;
  const from = bead.state === 'coming' ? 0 : current;
  return bead.steps.slice(from).map((step, index) => {
    const id = stageId(bead.bead, step.kind);
    const before = bead.steps[from + index - 1];
    const own = index > 0 && before !== undefined ? [stageId(bead.bead, before.kind)] : [];
    const needs = bead.state === 'coming' && index === 0 ? lastsOf(picture, bead.needs) : own;
    const sizes = sizesOf(picture.known, step, seen);
    const base = { id, model: modelOf(picture, step), kind: step.kind, needs, ...sizes };
    if (bead.state === 'coming' || index > 0) return { ...base, state: 'coming', at: bead.since };
    const call = picture.running.get(id);
    if (call !== undefined) return { ...base, model: call.model, state: 'running', at: call.since };
    if (seen === undefined) return { ...base, state: 'ready', at: bead.since };
    return { ...base, state: 'gap', at: dueAt(picture.now, seen.endedAt + sizes.gapMs) };
  });
};

/** What is late is believed to be so again: else a host would hold out for ever for what may never come. */
const dueAt = (now: number, due: number): number => (due >= now ? due : now + (now - due));

/** Whether a step has had the calls that its plan speaks of: more may come, and nobody holds a host for them. */
const isDone = (step: BeadStep | undefined, seen: SeenBead | undefined): boolean =>
  step?.estimateMs !== undefined && seen?.kind === step.kind && seen.ms >= 0.8 * step.estimateMs;

/** Who will work on it: what is resident and good enough, as it will be when the bead starts. */
const modelOf = ({ known }: Picture, { model, candidates = [] }: BeadStep): string => {
  const hosts = Object.entries(known.hosts).map(([host, told]) => ({
    ...told,
    steering: known.steering[host] ?? {},
    told: undefined,
  }));
  const steps = candidates.map((one, rank) => ({ model: one, rank, callTimeoutMs: 0 }));
  return candidates.length === 0 ? model : (routeOf(steps, hosts)[0]?.model ?? model);
};

const lastsOf = ({ lasts }: Picture, keys: readonly string[]): string[] =>
  keys.flatMap((key) => lasts.get(key) ?? []);

const sizesOf = ({ lessons }: KnownFleet, step: BeadStep, seen: SeenBead | undefined) => {
  const done = seen?.kind === step.kind ? seen : { calls: 0, ms: 0 };
  if (step.estimateMs !== undefined)
    // Whoever is over the estimate is as good as done, as far as anybody knows.
    return {
      ...{ calls: 1, callMs: Math.max(step.estimateMs - done.ms, step.estimateMs / 10), gapMs: 0 },
      spread: estimateSpread,
    };
  const role = step.kind === 'review' ? 'reviewer' : 'polecat';
  const callMs = lessons.calls[`${step.model}/${role}`]?.mean ?? usual.callMs;
  const calls = step.kind === 'review' ? 1 : Math.max(1, usual.calls - done.calls);
  return { calls, callMs, gapMs: usual.gapMs };
};

/**
 * The server's count of waiting calls says how many of those that may be ready are; who waits longest is believed first. Calls
 * beyond that are somebody's of whom no epic has told.
 */
const withBacklog = ({ known, facts, now }: Picture, stages: readonly Stage[]): readonly Stage[] => {
  const next = new Map(stages.map((stage) => [stage.id, stage]));
  const more: Stage[] = [];
  const seen = backlogs(known, facts);
  const queued = new Set<string>();
  for (const [model, { calls, since }] of seen) {
    const waiting = [...next.values()].filter((stage) => stage.model === model && mayWait(next, stage));
    const order = { ready: 0, gap: 1, coming: 2, running: 3 };
    const first = waiting.toSorted((a, b) => order[a.state] - order[b.state] || a.at - b.at).slice(0, calls);
    for (const stage of first) {
      for (const before of stage.needs) next.delete(before);
      const at = stage.state === 'ready' ? stage.at : Math.min(now, since);
      next.set(stage.id, { ...stage, state: 'ready', needs: [], at });
      queued.add(stage.id);
    }
    const callMs = known.lessons.calls[`${model}/polecat`]?.mean ?? usual.callMs;
    for (let index = first.length; index < calls; index += 1)
      more.push({
        ...{ id: `queue/${model}/${index}`, model, kind: 'other', needs: [], calls: 1, callMs, gapMs: 0 },
        ...{ state: 'ready', at: Math.min(now, since) },
      });
  }
  const isTold = (stage: Stage): boolean => queued.has(stage.id) || !seen.has(stage.model);
  return [...[...next.values()].map((stage) => (isTold(stage) ? stage : notYet(now, next, stage))), ...more];
};

/**
 * Whoever may start, and has no call in the queue yet, has one in a moment: a plan that took it for ready would have it started and
 * close its gate behind it, and the host would close it before.
 */
const notYet = (now: number, all: ReadonlyMap<string, Stage>, stage: Stage): Stage => {
  if (stage.state === 'ready') return { ...stage, state: 'gap', at: stage.at + usual.startMs };
  const isHeld = stage.needs.some((need) => all.has(need));
  return stage.state === 'coming' && !isHeld ? { ...stage, state: 'gap', at: now + usual.startMs } : stage;
};

/** A stage that may have a call in the queue: its own turn, or the one before it pauses and may be over. */
const mayWait = (all: ReadonlyMap<string, Stage>, { id, state, needs }: Stage): boolean => {
  if (state === 'ready' || state === 'gap') return true;
  const [before, ...others] = needs;
  const own = before === undefined ? undefined : all.get(before);
  return state === 'coming' && others.length === 0 && own?.state === 'gap' && sameBead(own.id, id);
};

const sameBead = (a: string, b: string): boolean => a.split(':')[0] === b.split(':')[0];

/**
 * Every host of a model sees the same queue: the last word counts, which may be that nobody waits. A host that has nothing to choose
 * does not look, and the word of one that is gone is of no use: who waited there has been served elsewhere, or is waited for.
 */
const backlogs = (
  { hosts }: KnownFleet,
  facts: FleetFacts,
): ReadonlyMap<string, { calls: number; since: number }> => {
  const last = new Map<string, { calls: number; since: number; at: number }>();
  for (const [host, told] of Object.entries(hosts)) {
    if (isAway(told)) continue;
    const { at, waiting } = told.report;
    const own = facts.hosts.find((one) => one.host === host);
    const none = own === undefined || own.coresident || own.serves.length < 2 ? [] : own.serves;
    const counted = new Map(none.map((model) => [model, { calls: 0, since: at }]));
    for (const { model, calls, since } of waiting) counted.set(model, { calls, since });
    for (const [model, count] of counted)
      if ((last.get(model)?.at ?? 0) <= at) last.set(model, { ...count, at });
  }
  return last;
};

const fleetModel = (known: KnownFleet, model: ModelFacts): FleetModel => {
  const of = (lessons: Readonly<Record<string, { mean: number }>>): number | undefined => {
    const found = Object.entries(lessons).filter(([key]) => key.startsWith(`${model.key}/`));
    if (found.length === 0) return;
    return found.reduce((sum, [, { mean }]) => sum + mean, 0) / found.length;
  };
  const { key, weights, context } = model;
  // A size that was seen counts before one that somebody has written down.
  const bytes = known.lessons.bytes?.[key] ?? model.bytes;
  const loadMs = of(known.lessons.loads) ?? model.loadMs;
  return { key, weights, context, bytes, loadMs, unloadMs: of(known.lessons.unloads) ?? model.unloadMs };
};

const fleetHost = (
  { known, now }: Pick<Picture, 'known' | 'now'>,
  facts: HostFacts,
  models: readonly ModelFacts[],
): FleetHost => {
  const told = known.hosts[facts.host];
  const steering = known.steering[facts.host] ?? {};
  if (told === undefined) return { ...facts, resident: [], since: 0, running: [], away: true };
  const { report } = told;
  return {
    ...facts,
    resident: report.open,
    since: report.since,
    running: report.running.map(
      (call): RunningCall => ({
        model: call.model,
        stage: call.bead === '' ? undefined : stageId(call.bead, kindOf(call)),
        since: call.since,
      }),
    ),
    ...(report.swap === undefined
      ? {}
      : {
          swap: {
            to: report.swap.to,
            endsAt: dueAt(now, report.swap.since + swapMs(report.swap.to, models)),
          },
        }),
    ...steeredTo(steering, now),
    ...(isAway(told) ? { away: true } : {}),
    refused: report.refused,
  };
};

const swapMs = (to: readonly string[], models: readonly ModelFacts[]): number =>
  models
    .filter(({ key }) => to.includes(key))
    .reduce((sum, { loadMs, unloadMs }) => sum + loadMs + unloadMs, 0);

const isAway = ({ lost, report }: KnownHost): boolean => lost || report.away !== undefined;

const steeredTo = ({ pinned, drained, asked }: Steering, now: number) => {
  const wanted = pinned ?? (asked !== undefined && asked.until > now ? asked.models : undefined);
  return { ...(wanted === undefined ? {} : { pinned: wanted }), ...(drained ? { drained } : {}) };
};
