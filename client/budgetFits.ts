import { leastPart } from '../workflows/domain/budget/allowance.ts';
import { moneyText, mostFor } from '../workflows/domain/budget/money.ts';
import type { ConvoySettings } from '../workflows/domain/convoy.ts';
import { exitCode } from './exitCodes.ts';
import { ClientError } from './trouble.ts';

type Budget = Pick<ConvoySettings, 'caps' | 'tokens' | 'money' | 'currency' | 'ladders'>;

/** Throws `BudgetTooSmall` (exit 2) for a convoy of which no bead could ever start. */
export const assertBudget = (budget: Budget): void => {
  const { tokens, money, caps, currency } = budget;
  if (tokens !== undefined && tokens < leastPart(caps.tokens)) {
    throw new ClientError(exitCode.badInput, {
      type: 'BudgetTooSmall',
      what: `The budget of this convoy, ${figure(tokens)} tokens, is smaller than what one bead (task) starts with.`,
      evidence: `a bead may use ${figure(caps.tokens)} tokens (limits.bead.tokens) and starts with no less than a quarter, ${figure(leastPart(caps.tokens))}`,
      next: `Launch it with --tokens ${leastPart(caps.tokens)} or more (limits.tokensPerConvoy in gastown.yaml), or lower limits.bead.tokens. Nothing was started.`,
    });
  }
  const least = leastPart(Math.min(...costs(budget)));
  if (money === undefined || money >= least) return;
  throw new ClientError(exitCode.badInput, {
    type: 'BudgetTooSmall',
    what: `The budget of this convoy, ${moneyText(money, currency)}, is smaller than what one bead (task) starts with.`,
    evidence: `on the cheapest tier a bead may cost ${moneyText(Math.min(...costs(budget)), currency)} (limits.bead.money; without it limits.bead.tokens at the dearest price) and starts with no less than a quarter, ${moneyText(least, currency)}`,
    next: 'Launch it with more --money (limits.moneyPerConvoy in gastown.yaml), or set a lower limits.bead.money. Nothing was started.',
  });
};

/** What is worth knowing of a budget that beads can start with, but not as they otherwise would; undefined when all is as usual. */
export const budgetNote = (budget: Budget, convoy: string): string | undefined => {
  const { tokens, money, caps, currency } = budget;
  const most = Math.max(...costs(budget));
  if (tokens !== undefined && tokens < caps.tokens)
    return small(`${figure(tokens)} tokens`, `use, ${figure(caps.tokens)}`, `gt budget raise ${convoy} N`);
  return money === undefined || money >= most
    ? undefined
    : small(
        moneyText(money, currency),
        `cost, ${moneyText(most, currency)}`,
        `gt budget raise ${convoy} --money AMOUNT`,
      );
};

const small = (budget: string, bead: string, more: string): string =>
  `The budget of ${budget} is smaller than what one bead may ${bead}: ` +
  `beads start one at a time, each with what is left. More: \`${more}\`.`;

/** What a bead of each tier may cost. */
const costs = ({ caps, ladders }: Budget): readonly number[] => {
  const tiers = Object.values(ladders).map((ladder) =>
    mostFor(
      caps.tokens,
      ladder.map(({ price }) => price),
    ),
  );
  return (tiers.length === 0 ? [0] : tiers).map((most) => Math.min(caps.money ?? most, most));
};

const figure = (tokens: number): string => tokens.toLocaleString('en-US');
