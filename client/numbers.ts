import { InvalidArgumentError } from 'commander';
import { millionths } from '../workflows/domain/budget/money.ts';
import { isPriority, priorities } from '../workflows/domain/refinery/book/rank.ts';

/** A whole number from 1 for a commander option or argument. */
export const wholeNumber = (text: string): number => {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || !Number.isSafeInteger(number)) {
    throw new InvalidArgumentError('Expected a whole number from 1.');
  }
  return number;
};

/** A priority in the merge queue, for a commander option or argument. */
export const priorityNumber = (text: string): number => {
  const number = Number(text);
  if (!/^-?\d{1,3}$/.test(text) || !isPriority(number))
    throw new InvalidArgumentError(`Expected a whole number from ${priorities.least} to ${priorities.most}.`);
  return number;
};

/** An amount of money such as 5 or 2.50, in millionths, for a commander option. */
export const moneyAmount = (text: string): number => {
  const amount = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? millionths(Number(text)) : 0;
  if (amount <= 0) throw new InvalidArgumentError('Expected an amount such as 5 or 2.50.');
  return amount;
};

/** Collects an option that may be given several times. */
export const several = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
];
