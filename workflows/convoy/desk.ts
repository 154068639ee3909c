import { type Ledger, openLedger } from '../domain/budget/allowance.ts';
import { type Amounts, amountsOf, nothing } from '../domain/budget/budgetUse.ts';
import type { ConvoyInput, EpicPlan, Limits, Until } from '../domain/convoy.ts';
import type { Failure } from '../domain/failure.ts';
import type { Usage } from '../domain/host/model.ts';
import type { ConvoyStatus, EpicBudget, EpicStatus } from '../domain/report/report.ts';
import type { OpenedRig } from '../domain/rig.ts';
import type { Allowance, AskAllowance, Shutdown } from '../messages.ts';

/** One epic of the convoy. `partly`: it ended and not all of its beads landed, so epics that need it are held. */
export interface ConvoyEpic {
  readonly plan: EpicPlan;
  state: 'pending' | 'running' | 'landed' | 'partly' | 'held';
  names: readonly string[];
  status: EpicStatus | undefined;
  usage: Usage | undefined;
  /** What it has told of its spending while it works. */
  told?: Amounts;
  /** What of the convoy's budget it may spend. */
  budget?: Limits;
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
  /** Rigs on which nothing of it may run, with the stop that said so. */
  readonly stoppedRigs: Map<string, Shutdown>;
  until: Until | undefined;
  failure: Failure | undefined;
  /** The convoy's own budget, and what its epics hold and have spent of it. */
  ledger: Ledger;
  /** The same in money, in millionths. */
  money: Ledger;
  /** What the town granted of the day's budget, and on which day last. */
  fromDay: { tokens: number; money: number; day: string };
  /** What of its spending the town has been told. */
  toldTown: Amounts;
  /** The budgets of which it was said that they are nearly used up. */
  warned: Record<string, number>;
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
      {
        plan,
        state: 'pending',
        names: [],
        status: undefined,
        usage: undefined,
        parked: false,
        ...(plan.budget === undefined ? {} : { budget: plan.budget }),
      },
    ]),
  ),
  state: 'opening',
  rigs: new Map(),
  paused: undefined,
  stopping: undefined,
  stoppedRigs: new Map(),
  until: input.settings.until,
  failure: undefined,
  ledger: openLedger(input.settings.tokens),
  money: openLedger(input.settings.money),
  fromDay: { tokens: 0, money: 0, day: '' },
  toldTown: nothing,
  warned: {},
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

export const isMoneyLimited = ({ input, money }: ConvoyDesk): boolean =>
  money.granted !== undefined || input.settings.dailyMoney === true;

/** As far as epics have told it: those that have ended all, those at work now and then. */
export const spentOf = ({ epics }: ConvoyDesk): Amounts =>
  [...epics.values()].map(spentBy).reduce(
    (sum, one) => ({
      tokens: sum.tokens + one.tokens,
      money: sum.money + one.money,
    }),
    nothing,
  );

const spentBy = ({ usage, told = nothing }: ConvoyEpic): Amounts =>
  usage === undefined ? told : amountsOf(usage);

/** By id, of those that have a budget of their own. */
export const epicBudgets = ({ epics }: ConvoyDesk): Readonly<Record<string, EpicBudget>> =>
  Object.fromEntries(
    [...epics].flatMap(([id, one]) => {
      const { budget } = one;
      if (budget === undefined) return [];
      const spent = spentBy(one);
      const { tokens, money } = budget;
      return [
        [
          id,
          {
            ...(tokens === undefined ? {} : { tokens: { granted: tokens, spent: spent.tokens } }),
            ...(money === undefined ? {} : { money: { granted: money, spent: spent.money } }),
          },
        ],
      ];
    }),
  );

const moneyStatus = (desk: ConvoyDesk): Pick<ConvoyStatus, 'money'> => {
  const [{ granted }, { money }] = [desk.money, spentOf(desk)];
  return granted === undefined && money === 0 ? {} : { money: { granted, spent: money } };
};

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
      spent: spentOf(desk).tokens,
    },
    ...moneyStatus(desk),
    ...(input.epics.some(({ budget }) => budget !== undefined) ? { epicBudgets: epicBudgets(desk) } : {}),
    ...(input.settings.currency === undefined ? {} : { currency: input.settings.currency }),
    ...(desk.until === undefined ? {} : { until: desk.until }),
    ...(input.forecast === undefined ? {} : { forecast: input.forecast }),
    failure: desk.failure,
  };
};

const unseen = ({ input, rigs, stoppedRigs }: ConvoyDesk, { plan, state }: ConvoyEpic): EpicStatus => ({
  convoy: input.convoy,
  epic: plan.id,
  rig: plan.rig,
  target: rigs.get(plan.rig)?.target ?? '',
  paused:
    state === 'held'
      ? 'held: an epic that it needs did not land wholly'
      : state === 'pending'
        ? stoppedRigs.get(plan.rig)?.reason
        : undefined,
  maxParallel: input.settings.maxParallel,
  waves: 0,
  beads: [],
});
