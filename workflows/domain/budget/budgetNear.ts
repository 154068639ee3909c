/** What a person is told of a budget that is nearly used up (G10). */
import { amount } from '../amounts.ts';
import type { Failure } from '../failure.ts';
import { type BudgetUse, shareText } from './budgetUse.ts';
import { moneyText, unitsText } from './money.ts';

/** `whose`: `convoy demo`, `the day`. `raise`: the command that raises it, without the number. */
export const budgetNear = (use: BudgetUse, whose: string, raise: string, currency?: string): Failure => ({
  type: 'BudgetNear',
  what: `The budget of ${whose} is used to ${shareText(use)}: ${useText(use, currency)}.`,
  evidence: 'At its end no new call is made, what is at work parks or waits, and nothing is lost.',
  next: `Let it end there, or raise it now: ${raise} ${use.of === 'money' ? '--money AMOUNT' : 'N'}`,
});

/** `4.1M of 5.0M tokens`, `4.20 of 5.00 EUR`. */
export const useText = ({ of, spent, granted }: BudgetUse, currency?: string): string => {
  if (of === 'money') return `${unitsText(spent)} of ${moneyText(granted, currency)}`;
  if (of === 'time') return `${Math.round(spent / 60_000)} of ${Math.round(granted / 60_000)} min`;
  return `${amount(spent)} of ${amount(granted)} ${of}`;
};
