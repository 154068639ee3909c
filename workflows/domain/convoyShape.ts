import type { ConvoyInput, EpicPlan } from './convoy.ts';
import type { Failure } from './failure.ts';
import { beadSpec, slug } from './messageShapes.ts';
import { workflowId } from './naming.ts';
import { checkGraph, graphFaultText } from './plan/graph.ts';
import {
  amount,
  count,
  faultOf,
  fits,
  flag,
  listOf,
  moment,
  name,
  oneOf,
  optional,
  orNone,
  record,
  recordOf,
  type Shape,
  text,
} from './shape.ts';

/** What a timer can hold: some decades. */
const longestWait = 1_000_000_000_000;

/** ms that a call may take; none at all is no time for a call. */
export const time: Shape<number> = fits(
  `a time in ms, from 1 to ${longestWait}`,
  (value) => typeof value === 'number' && value >= 1 && value <= longestWait,
);

const wait: Shape<number> = fits(
  `a time in ms, from 0 to ${longestWait}`,
  (value) => typeof value === 'number' && value >= 0 && value <= longestWait,
);

const limits = record({ tokens: optional(amount), money: optional(amount) });

const epicPlan = record({
  id: slug,
  title: text,
  rig: slug,
  needs: listOf(slug),
  beads: listOf(beadSpec),
  budget: optional(limits),
});

const price = record({ prompt: amount, completion: amount });

const rungs = listOf(record({ model: slug, callTimeoutMs: time, price: optional(price) }));

const ladder: typeof rungs = (value, at) =>
  rungs(value, at) ?? (Array.isArray(value) && value.length === 0 ? `${at} is empty` : undefined);

const caps = record({
  turns: amount,
  tokens: amount,
  wallMs: amount,
  attempts: amount,
  money: optional(amount),
});

/** A convoy of an older town has fewer of them. */
const pace = record({ rigCallMs: time, gatesMs: time, townCallMs: time, retryMs: time });

/** What every convoy and every plan is launched with. */
export const settingsShape = record({
  place: name,
  ladders: recordOf(ladder),
  caps,
  craft: optional(
    record({
      samples: count,
      review: optional(record({ reviewer: record({ model: slug, callTimeoutMs: time }), rounds: count })),
    }),
  ),
  maxParallel: fits<number>('a whole number from 1 to 1000', isParallel),
  pacing: oneOf('ready', 'waves'),
  spawnDelayMs: wait,
  tokens: orNone(count),
  dailyBudget: flag,
  money: optional(amount),
  dailyMoney: optional(oneOf(true)),
  currency: optional(text),
  tells: optional(limits),
  searchAttributes: flag,
  announces: optional(flag),
  until: optional(record({ ms: moment, clock: text })),
  launchedWith: optional(text),
  pace,
});

export const paces = record({ settings: record({ pace: recordOf(wait) }) });

export const models = record({ settings: record({ ladders: record({ default: ladder }) }) });

const convoyInput = record({
  convoy: slug,
  title: text,
  planHash: name,
  epics: listOf(epicPlan),
  forecast: optional(record({ turns: amount, tokens: amount, ms: amount, from: amount })),
  settings: settingsShape,
});

/** A plan of four hundred beads, each with all the files that it is about, is long; histories hold no more than this. */
const longestPlan = 4_000_000;

/** Why a convoy cannot start with this input, in words of code alone; undefined when it can. `id`: of its workflow. */
export const convoyInputFault = (input: unknown, id: string): string | undefined =>
  faultOf(convoyInput, input, longestPlan) ??
  paces(input, '') ??
  models(input, '') ??
  plansFault(input as ConvoyInput, id);

/** What a person is told of it. */
export const unfitInput = (convoy: string, fault: string): Failure => ({
  type: 'PlanRejected',
  what: `The convoy ${convoy} cannot start with the input that it was given.`,
  evidence: fault,
  next: 'Launch a plan with `gt convoy launch PLAN`; its --print-input shows what `temporal workflow start` has to be given.',
});

const plansFault = ({ convoy, epics, settings: { until } }: ConvoyInput, id: string): string | undefined => {
  if (id !== workflowId.convoy(convoy))
    return `convoy is ${convoy}, but the workflow is not named ${workflowId.convoy(convoy)}`;
  if (epics.length === 0) return 'epics is empty';
  if (until !== undefined && !/^\d\d:\d\d$/.test(until.clock))
    return 'settings.until.clock is not a time such as 07:00';
  return graphFaultIn('epics', epics) ?? epics.map(beadsFault).find((fault) => fault !== undefined);
};

const beadsFault = ({ beads }: EpicPlan, index: number): string | undefined =>
  beads.length === 0 ? `epics[${index}].beads is empty` : graphFaultIn(`epics[${index}].beads`, beads);

const graphFaultIn = (at: string, nodes: Parameters<typeof checkGraph>[0]): string | undefined => {
  const faults = checkGraph(nodes);
  return faults.length === 0 ? undefined : `${at}: ${faults.slice(0, 5).map(graphFaultText).join('; ')}`;
};

function isParallel(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 1_000;
}
