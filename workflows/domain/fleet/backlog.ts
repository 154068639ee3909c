import { stageId } from './beadReport.ts';
import { type FleetFacts, hasChoice } from './facts.ts';
import type { Stage } from './fleet.ts';
import { isAway, type KnownFleet } from './known.ts';
import { type Picture, usual } from './picture.ts';

/**
 * The server's count of waiting calls says how many of those that may be ready are; who waits longest is believed first. Calls
 * beyond that are somebody's of whom no epic has told.
 */
export const withBacklog = ({ known, facts, now }: Picture, stages: readonly Stage[]): readonly Stage[] => {
  const next = new Map(stages.map((stage) => [stage.id, stage]));
  const more: Stage[] = [];
  const seen = backlogs(known, facts);
  const queued = new Set<string>();
  const take = (model: string, since: number, stage: Stage): void => {
    for (const before of stage.needs) next.delete(before);
    const at = stage.state === 'ready' ? stage.at : Math.min(now, since);
    next.set(stage.id, { ...stage, model, state: 'ready', needs: [], at });
    queued.add(stage.id);
  };
  const unknown = new Map<string, number>();
  for (const [model, { calls, since }] of seen) {
    const own = [...next.values()].filter((stage) => stage.model === model && mayWait(next, stage));
    const first = own.toSorted((a, b) => order[a.state] - order[b.state] || a.at - b.at).slice(0, calls);
    for (const stage of first) take(model, since, stage);
    unknown.set(model, calls - first.length);
  }
  const climbs = climbsOf(known);
  for (const [model, { calls, since }] of seen) {
    const left = unknown.get(model) ?? 0;
    const pausing = [...next.values()].filter(({ id, state }) => state === 'gap' && !queued.has(id));
    const climbers = pausing.filter(({ id }) => climbs.get(id)?.includes(model)).slice(0, left);
    for (const stage of climbers) take(model, since, stage);
    const callMs = known.lessons.calls[`${model}/polecat`]?.mean ?? usual.callMs;
    for (let index = calls - left + climbers.length; index < calls; index += 1)
      more.push({
        ...{ id: `queue/${model}/${index}`, model, kind: 'other', needs: [], calls: 1, callMs, gapMs: 0 },
        ...{ state: 'ready', at: Math.min(now, since) },
      });
  }
  const isTold = (stage: Stage): boolean => queued.has(stage.id) || !seen.has(stage.model);
  return [...[...next.values()].map((stage) => (isTold(stage) ? stage : notYet(now, next, stage))), ...more];
};

const order = { ready: 0, gap: 1, coming: 2, running: 3 };

/**
 * Where the writing of a bead may have gone on without its epic's knowledge: whoever pauses, while a call nobody speaks of waits for
 * a model that it climbs to, is taken to be the one who waits.
 */
const climbsOf = ({ epics }: KnownFleet): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.values(epics)
      .flat()
      .map((bead) => [stageId(bead.bead, 'code'), bead.steps[0]?.climbs ?? []]),
  );

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
    const none = own !== undefined && hasChoice(own) ? own.serves : [];
    const counted = new Map(none.map((model) => [model, { calls: 0, since: at }]));
    for (const { model, calls, since } of waiting) counted.set(model, { calls, since });
    for (const [model, count] of counted)
      if ((last.get(model)?.at ?? 0) <= at) last.set(model, { ...count, at });
  }
  return last;
};
