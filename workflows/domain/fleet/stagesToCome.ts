import { type BeadReport, type BeadStep, stageId } from './beadReport.ts';
import type { Stage } from './fleet.ts';
import type { KnownFleet, SeenBead } from './known.ts';
import { spreadOf } from './lessons.ts';
import { type Picture, usual } from './picture.ts';
import { routeOf } from './route.ts';

/** The work that a bead still stands for: a reviewer's part is over only with the bead. */
export const stagesToCome = (picture: Picture, bead: BeadReport): Stage[] => {
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
    const model = modelOf(picture, step, seen);
    const sizes = sizesOf(picture.known, { ...step, model }, seen);
    const base = { id, model, kind: step.kind, needs, ...sizes };
    if (bead.state === 'coming' || index > 0) return { ...base, state: 'coming', at: bead.since };
    const call = picture.running.get(id);
    if (call !== undefined) return { ...base, model: call.model, state: 'running', at: call.since };
    if (seen === undefined) return { ...base, state: 'ready', at: bead.since };
    return { ...base, state: 'gap', at: lateAgain(picture.now, seen.endedAt + sizes.gapMs) };
  });
};

/** How far calls are from what their plan says of them, as a share of it. */
const estimateSpread = 0.1;

/** What is late is believed to be so again: else a host would hold out for ever for what may never come. */
export const lateAgain = (now: number, due: number): number => (due >= now ? due : now + (now - due));

/** Whether a step has had the calls that its plan speaks of: more may come, and nobody holds a host for them. */
const isDone = (step: BeadStep | undefined, seen: SeenBead | undefined): boolean =>
  step?.estimateMs !== undefined && seen?.kind === step.kind && seen.ms >= 0.8 * step.estimateMs;

/**
 * Who works on it: who answered last, since a bead climbs without its epic's knowledge; before that what is resident and good enough,
 * as it will be when the bead starts.
 */
const modelOf = (
  { known }: Picture,
  { kind, model, candidates = [] }: BeadStep,
  seen: SeenBead | undefined,
): string => {
  if (seen?.kind === kind && seen.model !== undefined) return seen.model;
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
  const lesson = lessons.calls[`${step.model}/${role}`];
  const calls = step.kind === 'review' ? 1 : Math.max(1, usual.calls - done.calls);
  const spread = spreadOf(lesson);
  const length = { callMs: lesson?.mean ?? usual.callMs, ...(spread === undefined ? {} : { spread }) };
  return { calls, ...length, gapMs: usual.gapMs };
};
