import { setHandler } from '@temporalio/workflow';
import { grant } from '../domain/budget/allowance.ts';
import type { Limits } from '../domain/convoy.ts';
import { raiseEpicShape } from '../domain/messageShapes.ts';
import { raiseBudget, raiseEpic, raiseMoney } from '../messages.ts';
import { refused, refuseUnfit } from '../receive.ts';
import type { ConvoyDesk } from './desk.ts';
import { askAgain } from './treasury.ts';

/** What a person adds to the budgets of a convoy and of its epics: who was refused asks again. */
export const handleRaises = (desk: ConvoyDesk): void => {
  const changed = (): void => {
    askAgain(desk);
    desk.version++;
  };

  setHandler(
    raiseBudget,
    (tokens) => {
      desk.ledger = grant(desk.ledger, tokens);
      changed();
      return desk.ledger.granted ?? 0;
    },
    {
      description: 'Adds tokens to the budget of this convoy',
      validator: (tokens: number) => {
        if (!Number.isInteger(tokens) || tokens <= 0)
          throw refused(`Tokens to add must be a whole number above 0, not ${tokens}.`);
        if (desk.ledger.granted === undefined)
          throw refused('This convoy has no budget of its own, so there is nothing to raise.', {
            evidence: `${desk.input.convoy} was launched without --tokens, and limits.tokensPerConvoy was not set.`,
            next: desk.input.settings.dailyBudget
              ? 'What all convoys together may spend on a day is raised with `gt budget raise-day N`.'
              : 'It may spend what it needs; nothing has to be done. If a bead (task) has used up its own tokens: `gt resume CONVOY/EPIC/BEAD --tokens N`.',
          });
      },
    },
  );

  setHandler(
    raiseMoney,
    (money) => {
      desk.money = grant(desk.money, money);
      changed();
      return desk.money.granted ?? 0;
    },
    {
      description: 'Adds money to the budget of this convoy, in millionths',
      validator: (money: number) => {
        if (!Number.isSafeInteger(money) || money <= 0)
          throw refused(`Money to add must be a whole number of millionths above 0, not ${money}.`);
        if (desk.money.granted === undefined)
          throw refused('This convoy has no budget of money of its own, so there is nothing to raise.', {
            evidence: `${desk.input.convoy} was launched without --money, and limits.moneyPerConvoy was not set.`,
            next: desk.input.settings.dailyMoney
              ? 'What all convoys together may spend on a day is raised with `gt budget raise-day --money AMOUNT`.'
              : 'It may spend what it needs; nothing has to be done. If a bead (task) has used up its own money: `gt resume CONVOY/EPIC/BEAD --money AMOUNT`.',
          });
      },
    },
  );

  setHandler(
    raiseEpic,
    ({ epic, tokens = 0, money = 0 }) => {
      const one = desk.epics.get(epic);
      if (one?.budget === undefined) return {};
      const before = one.budget;
      one.budget = {
        ...(before.tokens === undefined ? {} : { tokens: before.tokens + tokens }),
        ...(before.money === undefined ? {} : { money: before.money + money }),
      };
      changed();
      return one.budget;
    },
    {
      description: 'Adds to what one epic may spend of the budget of this convoy; money in millionths',
      validator: (request: { readonly epic: string } & Limits) => {
        refuseUnfit('raiseEpic', raiseEpicShape, request);
        const { epic, tokens = 0, money = 0 } = request;
        if (tokens + money === 0) throw refused('Neither tokens nor money to add are given.');
        const { convoy } = desk.input;
        const found = desk.epics.get(epic);
        if (found === undefined)
          throw refused(`The convoy ${convoy} has no epic ${epic}.`, {
            evidence: `It has: ${[...desk.epics.keys()].join(', ')}`,
            next: `See those that have a budget of their own with \`gt budget show\`.`,
          });
        const { budget } = found;
        const missing = tokens > 0 && budget?.tokens === undefined ? 'tokens' : 'money';
        if ((tokens > 0 && budget?.tokens === undefined) || (money > 0 && budget?.money === undefined))
          throw refused(
            `The epic ${epic} has no budget of ${missing} of its own, so there is nothing to raise.`,
            {
              evidence: `The plan of ${convoy} gives it none.`,
              next: `It may spend what its convoy has, which is raised with \`gt budget raise ${convoy} ${missing === 'tokens' ? 'N' : '--money AMOUNT'}\`.`,
            },
          );
      },
    },
  );
};
