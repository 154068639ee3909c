import { type Ledger, openLedger } from '../domain/allowance.ts';
import type { ConvoyInput, EpicPlan, Until } from '../domain/convoy.ts';
import type { Failure } from '../domain/failure.ts';
import { totalTokens, type Usage } from '../domain/model.ts';
import type { ConvoyStatus, EpicStatus } from '../domain/report.ts';
import type { OpenedRig } from '../domain/rig.ts';
import type { Allowance, AskAllowance, Shutdown } from '../messages.ts';

/** One epic of the convoy. `partly`: it ended and not all of its beads landed, so epics that need it are held. */
export interface ConvoyEpic {
  readonly plan: EpicPlan;
  state: 'pending' | 'running' | 'landed' | 'partly' | 'held';
  names: readonly string[];
  status: EpicStatus | undefined;
  usage: Usage | undefined;
  /** It has said that nothing of it is at work, after a stop that asked for that. */
  parked: boolean;
}

/** Everything a convoy knows. `version` counts changes, so that its loop has one thing to wait for. */
export interface ConvoyDesk {
  readonly input: ConvoyInput;
  readonly bornAt: number;
  readonly epics: Map<string, ConvoyEpic>;
  state: ConvoyStatus['state'];
  rigs: ReadonlyMap<string, OpenedRig>;
  paused: string | undefined;
  stopping: Shutdown | undefined;
  until: Until | undefined;
  failure: Failure | undefined;
  /** The convoy's own budget, and what its epics hold and have spent of it. */
  ledger: Ledger;
  /** What the town granted of the day's budget, and on which day last. */
  fromDay: { tokens: number; day: string };
  asks: AskAllowance[];
  /** Asks that got nothing, by epic: answered again when the budget is raised. */
  readonly refused: Map<string, AskAllowance>;
  fromTown: Allowance | undefined;
  /** Counts the questions to the town. */
  asked: number;
  names: readonly string[] | undefined;
  version: number;
}

export const newDesk = (input: ConvoyInput): ConvoyDesk => ({
  input,
  bornAt: Date.now(),
  epics: new Map(
    input.epics.map((plan) => [
      plan.id,
      { plan, state: 'pending', names: [], status: undefined, usage: undefined, parked: false },
    ]),
  ),
  state: 'opening',
  rigs: new Map(),
  paused: undefined,
  stopping: undefined,
  until: input.settings.until,
  failure: undefined,
  ledger: openLedger(input.settings.tokens),
  fromDay: { tokens: 0, day: '' },
  asks: [],
  refused: new Map(),
  fromTown: undefined,
  asked: 0,
  names: undefined,
  version: 0,
});

export const openEpics = (desk: ConvoyDesk): number =>
  [...desk.epics.values()].filter(({ state }) => state === 'running').length;

export const isLimited = ({ input, ledger }: ConvoyDesk): boolean =>
  ledger.granted !== undefined || input.settings.dailyBudget;

/** What is known here: boards of ended epics, and for open ones only their names; their own query has the rest. */
export const statusOf = (desk: ConvoyDesk): ConvoyStatus => {
  const { input } = desk;
  const isPaused = desk.paused !== undefined || desk.stopping !== undefined;
  return {
    convoy: input.convoy,
    title: input.title,
    planHash: input.planHash,
    state: desk.state === 'running' && isPaused ? 'paused' : desk.state,
    rigs: [...desk.rigs.values()].map(({ rig, target, takeOver, sandbox }) => ({
      rig,
      target,
      takeOver,
      sandbox,
    })),
    epics: [...desk.epics.values()].map((epic) => epic.status ?? unseen(desk, epic)),
    tokens: {
      granted: desk.ledger.granted,
      spent: [...desk.epics.values()].reduce((sum, { usage }) => sum + (usage ? totalTokens(usage) : 0), 0),
    },
    ...(desk.until === undefined ? {} : { until: desk.until }),
    ...(input.forecast === undefined ? {} : { forecast: input.forecast }),
    failure: desk.failure,
  };
};

const unseen = ({ input, rigs }: ConvoyDesk, { plan, state }: ConvoyEpic): EpicStatus => ({
  convoy: input.convoy,
  epic: plan.id,
  rig: plan.rig,
  target: rigs.get(plan.rig)?.target ?? '',
  paused: state === 'held' ? 'held: an epic that it needs did not land wholly' : undefined,
  maxParallel: input.settings.maxParallel,
  waves: 0,
  beads: [],
});
