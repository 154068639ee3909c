/** Makes one picture to plan from out of what hosts and epics have told. */
import { withBacklog } from './backlog.ts';
import { type BeadReport, kindOf, stageId } from './beadReport.ts';
import type { FleetFacts, ModelFacts } from './facts.ts';
import type { FleetModel, FleetState } from './fleet.ts';
import { hostNow } from './hostNow.ts';
import type { ReportedCall } from './hostReport.ts';
import type { KnownFleet } from './known.ts';
import type { Picture } from './picture.ts';
import { stagesToCome } from './stagesToCome.ts';

/** The state of the fleet at a moment, as far as it is known. */
export const assemble = (known: KnownFleet, facts: FleetFacts, now: number): FleetState => {
  const beads = Object.values(known.epics).flat();
  const picture: Picture = { known, facts, now, running: runningCalls(known), lasts: lastStages(beads) };
  const placed = beads.flatMap((bead) => stagesToCome(picture, bead));
  return {
    now,
    models: facts.models.map((model) => fleetModel(known, model)),
    hosts: facts.hosts.map((host) => hostNow({ known, now }, host, facts.models)),
    stages: withBacklog(picture, placed),
  };
};

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
