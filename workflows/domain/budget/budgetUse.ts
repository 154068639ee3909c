/** How much of a budget is used, and when its person should know: quietly, once for each budget and each raise. */
import type { Caps, Spent } from '../bead/bead.ts';
import type { Limits } from '../convoy.ts';
import { spentMoney, totalTokens, type Usage } from '../host/model.ts';
import type { ConvoyStatus, TownStatus } from '../report/report.ts';

export type Currency = 'tokens' | 'money';

/** Of one budget. */
export interface BudgetUse {
  readonly of: Currency | 'turns' | 'time' | 'attempts';
  readonly spent: number;
  /** The budget. */
  readonly granted: number;
}

/** The part of a budget from which on it is said that it is nearly used up. */
export const nearPart = 0.8;

/** Whether so much of a budget is used that a person should know before it stops anything. */
export const isNear = (spent: number, granted: number | undefined): boolean =>
  granted !== undefined && granted > 0 && spent >= granted * nearPart;

/** The budgets among these that are nearly or wholly used up. */
export const nearOf = (
  uses: readonly {
    readonly of: BudgetUse['of'];
    readonly spent: number;
    readonly granted: number | undefined;
  }[],
): readonly BudgetUse[] =>
  uses.flatMap(({ of, spent, granted }) =>
    granted !== undefined && isNear(spent, granted) ? [{ of, spent, granted }] : [],
  );

/** The caps of a bead that are nearly used up. Tries are no allowance: each red gate run is told by itself. */
export const nearCaps = (spent: Spent, caps: Caps): readonly BudgetUse[] =>
  nearOf([
    // The last of two turns is no news.
    { of: 'turns', spent: spent.turns, granted: caps.turns < leastTurns ? undefined : caps.turns },
    { of: 'tokens', spent: totalTokens(spent.usage), granted: caps.tokens },
    { of: 'time', spent: spent.wallMs, granted: caps.wallMs },
    { of: 'money', spent: spentMoney(spent.usage), granted: caps.money },
  ]);

const leastTurns = 5;

/** The budgets of a convoy, and what it has spent of each. */
export const usesOfConvoy = ({
  tokens,
  money,
}: Pick<ConvoyStatus, 'tokens' | 'money'>): readonly BudgetUse[] => [
  ...useOf('tokens', tokens.spent, tokens.granted),
  ...useOf('money', money?.spent ?? 0, money?.granted),
];

/** The budgets that a plan gives to single epics. */
export const usesOfEpics = ({
  epicBudgets = {},
}: Pick<ConvoyStatus, 'epicBudgets'>): readonly (BudgetUse & { readonly epic: string })[] =>
  Object.entries(epicBudgets).flatMap(([epic, { tokens, money }]) =>
    [
      ...useOf('tokens', tokens?.spent ?? 0, tokens?.granted),
      ...useOf('money', money?.spent ?? 0, money?.granted),
    ].map((use) => ({ epic, ...use })),
  );

/** The budgets of the day, as far as it is known what was spent of them. */
export const usesOfDay = ({ tokens, money }: Pick<TownStatus, 'tokens' | 'money'>): readonly BudgetUse[] => [
  ...useOf('tokens', tokens.spent ?? 0, tokens.perDay),
  ...useOf('money', money?.spent ?? 0, money?.perDay),
];

const useOf = (of: Currency, spent: number, granted: number | undefined): readonly BudgetUse[] =>
  granted === undefined ? [] : [{ of, spent, granted }];

/** The share of a budget that is used, `83 %`. Never rounded up to what has not come. */
export const shareText = ({ spent, granted }: Pick<BudgetUse, 'spent' | 'granted'>): string =>
  `${Math.floor((100 * spent) / granted)} %`;

/** A twentieth of the smallest budget that counts: told in such steps, spending costs as many messages as budgets are large. */
export const stepOf = (
  budgets: Readonly<Record<Currency, readonly (number | undefined)[]>>,
): Limits | undefined => {
  const [tokens, money] = [twentieth(budgets.tokens), twentieth(budgets.money)];
  if (tokens === undefined && money === undefined) return;
  return { ...(tokens === undefined ? {} : { tokens }), ...(money === undefined ? {} : { money }) };
};

const twentieth = (budgets: readonly (number | undefined)[]): number | undefined => {
  const known = budgets.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : Math.max(1, Math.floor(Math.min(...known) / 20));
};

/** What is spent, or granted, of both. */
export interface Amounts {
  readonly tokens: number;
  readonly money: number;
}

export const nothing: Amounts = { tokens: 0, money: 0 };

export const amountsOf = (usage: Usage): Amounts => ({
  tokens: totalTokens(usage),
  money: spentMoney(usage),
});

/** Whether enough was spent since it was last told. */
export const isWorthTelling = (now: Amounts, told: Amounts, step: Limits | undefined): boolean =>
  (step?.tokens !== undefined && now.tokens - told.tokens >= step.tokens) ||
  (step?.money !== undefined && now.money - told.money >= step.money);
