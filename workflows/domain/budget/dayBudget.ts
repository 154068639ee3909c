/** What the whole town may spend on one calendar day, in tokens and in money. */
import { type DayLedger, grantOfDay, mostOfDay, refundOfDay } from './allowance.ts';
import { type Amounts, type BudgetUse, nearOf } from './budgetUse.ts';

/** `money` is undefined where the day has no budget of it. */
export interface DayBudget {
  readonly today: DayLedger;
  readonly money?: DayLedger;
  /** What convoys have told of their spending; for warnings alone. */
  readonly spent?: Amounts & { readonly day: string };
}

/** What somebody asks of a day; money is undefined where they know of no limit. */
export interface WantedOfDay {
  readonly tokens: number;
  readonly least?: number | undefined;
  readonly money?: number | undefined;
  readonly leastMoney?: number | undefined;
}

/** Whether the answer depends on what is left of the day. */
export const isOfDay = ({ today, money }: DayBudget, wanted: WantedOfDay): boolean =>
  (wanted.tokens > 0 && today.perDay !== undefined) ||
  ((wanted.money ?? 0) > 0 && money?.perDay !== undefined);

/** Tokens and money together, or neither: `lacks` says of which there is too little. */
export const grantOfBoth = (
  budget: DayBudget,
  day: string,
  wanted: WantedOfDay,
): { readonly budget: DayBudget; readonly granted: Amounts } | { readonly lacks: 'tokens' | 'money' } => {
  const tokens = part(budget.today, day, wanted.tokens, wanted.least);
  if (tokens === undefined) return { lacks: 'tokens' };
  if (budget.money === undefined)
    return {
      budget: { ...budget, today: tokens.ledger },
      granted: { tokens: tokens.given, money: wanted.money ?? 0 },
    };
  const money = part(budget.money, day, wanted.money ?? 0, wanted.leastMoney);
  if (money === undefined) return { lacks: 'money' };
  return {
    budget: { ...budget, today: tokens.ledger, money: money.ledger },
    granted: { tokens: tokens.given, money: money.given },
  };
};

/** Undefined when the day has too little. What is not asked for, or has no limit, leaves the ledger as it is. */
const part = (ledger: DayLedger, day: string, wanted: number, least: number | undefined) => {
  if (wanted === 0 || ledger.perDay === undefined) return { ledger, given: wanted };
  const most = mostOfDay(ledger.perDay, wanted, least);
  const granted = grantOfDay(ledger, day, most);
  return granted.tokens === most ? { ledger: granted.ledger, given: most } : undefined;
};

/** What was lent and not spent, on the same day. */
export const returnOfDay = (
  { money, ...budget }: DayBudget,
  { day, ...back }: { readonly day: string; readonly tokens: number; readonly money?: number },
): DayBudget => ({
  ...budget,
  today: refundOfDay(budget.today, day, back.tokens),
  ...(money === undefined ? {} : { money: refundOfDay(money, day, back.money ?? 0) }),
});

/** Counts what somebody has spent since they said so last; a new day begins with nothing. */
export const spentOfDay = (budget: DayBudget, day: string, more: Amounts): DayBudget => {
  const before = budget.spent?.day === day ? budget.spent : { tokens: 0, money: 0 };
  const spent = { day, tokens: before.tokens + more.tokens, money: before.money + more.money };
  return { ...budget, spent };
};

/** The budgets of this day that are nearly used up. */
export const nearOfDay = ({ today, money, spent }: DayBudget): readonly BudgetUse[] =>
  spent === undefined
    ? []
    : nearOf([
        { of: 'tokens', spent: spent.tokens, granted: today.perDay },
        { of: 'money', spent: spent.money, granted: money?.perDay },
      ]);
