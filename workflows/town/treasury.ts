import { setHandler } from '@temporalio/workflow';
import type { DayLedger } from '../domain/budget/allowance.ts';
import { budgetNear } from '../domain/budget/budgetNear.ts';
import {
  type DayBudget,
  grantOfBoth,
  isOfDay,
  nearOfDay,
  returnOfDay,
  spentOfDay,
  type WantedOfDay,
} from '../domain/budget/dayBudget.ts';
import type { Announcement } from '../domain/mail/announcement.ts';
import { returnAllowanceShape, spendingShape } from '../domain/messageShapes.ts';
import type { TownStatus } from '../domain/report/report.ts';
import {
  type Allowance,
  raiseBudget,
  raiseMoney,
  returnAllowance,
  spending,
  type TownSettings,
} from '../messages.ts';
import { planners } from '../proxies.ts';
import { receive, refused } from '../receive.ts';

/** Keeps what all convoys together may spend on one calendar day. */
export interface Treasury {
  /** What it has of both, or when to ask again. */
  grant(wanted: WantedOfDay): Promise<Omit<Allowance, 'names'>>;
  /** The configuration says something else now. */
  configured(before: TownSettings, now: TownSettings): void;
  books(): DayBudget;
  status(): Pick<TownStatus, 'day' | 'tokens' | 'money'>;
}

/** `more`: there is more to grant than before. */
export const openTreasury = (
  carried: DayBudget,
  to: {
    readonly settings: () => TownSettings;
    readonly more: () => void;
    readonly announce: (announcement: Announcement) => void;
  },
): Treasury => {
  const { today, money, spent } = carried;
  let budget: DayBudget = {
    today,
    ...(money === undefined ? {} : { money }),
    ...(spent === undefined ? {} : { spent }),
  };

  receive(returnAllowance, returnAllowanceShape, (back) => {
    budget = returnOfDay(budget, back);
    to.more();
  });
  receive(spending, spendingShape, async (told) => {
    const { day } = await planners.calendarDay(to.settings().timeZone, Date.now());
    budget = spentOfDay(budget, day, told);
    warn(day);
  });
  setHandler(
    raiseBudget,
    (tokens) => {
      budget = { ...budget, today: raised(budget.today, tokens) };
      to.more();
      return budget.today.perDay ?? 0;
    },
    {
      description: 'Adds tokens to the budget of the day, today and from now on',
      validator: (tokens: number) => {
        if (!Number.isInteger(tokens) || tokens <= 0) {
          throw refused(`Tokens to add must be a whole number above 0, not ${tokens}.`);
        }
        if (budget.today.perDay === undefined)
          throw refused('The day has no budget, so there is nothing to raise.', {
            evidence: 'All convoys together may spend what they need: town.budget.tokensPerDay is not set.',
            next: 'To limit them, set town.budget.tokensPerDay in gastown.yaml, then `gt down` and `gt up`. For one convoy: `gt convoy launch PLAN --tokens N`.',
          });
      },
    },
  );
  setHandler(
    raiseMoney,
    (money) => {
      const ledger = budget.money ?? { day: '', perDay: 0, granted: 0 };
      budget = { ...budget, money: raised(ledger, money) };
      to.more();
      return budget.money?.perDay ?? 0;
    },
    {
      description: 'Adds money to the budget of the day, in millionths, today and from now on',
      validator: (money: number) => {
        if (!Number.isSafeInteger(money) || money <= 0) {
          throw refused(`Money to add must be a whole number of millionths above 0, not ${money}.`);
        }
        if (budget.money?.perDay === undefined)
          throw refused('The day has no budget of money, so there is nothing to raise.', {
            evidence: 'All convoys together may spend what they need: town.budget.moneyPerDay is not set.',
            next: 'To limit them, set town.budget.moneyPerDay in gastown.yaml, then `gt down` and `gt up`. For one convoy: `gt convoy launch PLAN --money AMOUNT`.',
          });
      },
    },
  );

  return {
    async grant(wanted) {
      const asked = wanted.money === undefined ? {} : { money: wanted.money };
      if (!isOfDay(budget, wanted)) return { tokens: wanted.tokens, ...asked, askAgainAt: undefined };
      const { day, endsAt } = await planners.calendarDay(to.settings().timeZone, Date.now());
      const answer = grantOfBoth(budget, day, wanted);
      if ('lacks' in answer) {
        const lacks = answer.lacks === 'money' ? { lacks: answer.lacks } : {};
        return { tokens: 0, askAgainAt: endsAt, ...lacks };
      }
      budget = answer.budget;
      const { tokens, money } = answer.granted;
      return { tokens, ...(wanted.money === undefined ? {} : { money }), askAgainAt: undefined, day };
    },
    // A budget that was raised by hand stays raised until the configuration itself says something else.
    configured(before, now) {
      if (now.tokensPerDay !== before.tokensPerDay) {
        budget = { ...budget, today: { ...budget.today, perDay: now.tokensPerDay } };
        to.more();
      }
      if (now.moneyPerDay === before.moneyPerDay) return;
      const money = { ...(budget.money ?? { day: '', granted: 0 }), perDay: now.moneyPerDay };
      budget = { ...budget, money };
      to.more();
    },
    books: () => budget,
    status: () => statusOf(budget),
  };

  /** The town's person hears of each budget once; the herald knows what it has told. */
  function warn(day: string): void {
    for (const use of nearOfDay(budget)) {
      const failure = budgetNear(use, 'the day', 'gt budget raise-day', to.settings().currency);
      to.announce({
        id: `near/${day}/${use.of}/${use.granted}`,
        event: 'needsYou',
        convoy: undefined,
        about: [{ about: 'the budget of the day', failure }],
        dueAt: Date.now(),
      });
    }
  }
};

const raised = (ledger: DayLedger, more: number): DayLedger => ({
  ...ledger,
  perDay: (ledger.perDay ?? 0) + more,
});

/** Spending of another day than the one that was granted of last is over. */
const statusOf = ({ today, money, spent }: DayBudget): Pick<TownStatus, 'day' | 'tokens' | 'money'> => {
  const known = spent === undefined || spent.day < today.day ? undefined : spent;
  return {
    day: today.day,
    tokens: {
      perDay: today.perDay,
      granted: today.granted,
      ...(known === undefined ? {} : { spent: known.tokens }),
    },
    ...(money?.perDay === undefined
      ? {}
      : {
          money: {
            perDay: money.perDay,
            granted: money.granted,
            ...(known === undefined ? {} : { spent: known.money }),
          },
        }),
  };
};
