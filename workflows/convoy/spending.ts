import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { tellPerson } from '../announce.ts';
import { budgetNear } from '../domain/budget/budgetNear.ts';
import { isWorthTelling, nearOf, usesOfEpics } from '../domain/budget/budgetUse.ts';
import { workflowId } from '../domain/naming.ts';
import { spending } from '../messages.ts';
import { type ConvoyDesk, epicBudgets, spentOf } from './desk.ts';

/**
 * Something was spent: tells the town, where its day has a budget, and the person when the convoy's own is nearly used up.
 * Convoys that were launched before there were warnings tell nothing.
 */
export const tellSpending = (desk: ConvoyDesk): void => {
  const { tells, dailyBudget, dailyMoney } = desk.input.settings;
  if (tells === undefined) return;
  if ((dailyBudget || dailyMoney) && isWorthTelling(spentOf(desk), desk.toldTown, tells)) void tellTown(desk);
  warn(desk);
};

/** What was too little to be told, before the convoy ends. */
export const tellRest = async (desk: ConvoyDesk): Promise<void> => {
  const { tells, dailyBudget, dailyMoney } = desk.input.settings;
  const { tokens, money } = spentOf(desk);
  const isTold = tokens <= desk.toldTown.tokens && money <= desk.toldTown.money;
  if (tells !== undefined && (dailyBudget || dailyMoney) && !isTold) await tellTown(desk);
};

const tellTown = (desk: ConvoyDesk): Promise<void> => {
  const now = spentOf(desk);
  const more = {
    tokens: Math.max(0, now.tokens - desk.toldTown.tokens),
    money: Math.max(0, now.money - desk.toldTown.money),
  };
  desk.toldTown = now;
  return getExternalWorkflowHandle(workflowId.town)
    .signal(spending, { from: desk.input.convoy, ...more })
    .catch(() => undefined); // a town that was ended by hand keeps no books
};

/** Once for each budget: one that was raised is another. */
const warn = (desk: ConvoyDesk): void => {
  const { convoy, settings } = desk.input;
  const spent = spentOf(desk);
  const own = [
    { of: 'tokens' as const, spent: spent.tokens, granted: desk.ledger.granted },
    { of: 'money' as const, spent: spent.money, granted: desk.money.granted },
  ];
  const near = [
    ...nearOf(own).map((use) => ({ about: convoy, whose: `convoy ${convoy}`, use })),
    ...usesOfEpics({ epicBudgets: epicBudgets(desk) }).flatMap(({ epic, ...use }) =>
      nearOf([use]).map((one) => ({ about: `${convoy}/${epic}`, whose: `epic ${convoy}/${epic}`, use: one })),
    ),
  ];
  for (const { about, whose, use } of near) {
    const key = `${about}/${use.of}`;
    if (desk.warned[key] === use.granted) continue;
    desk.warned[key] = use.granted;
    if (!settings.announces) continue;
    const failure = budgetNear(use, whose, `gt budget raise ${about}`, settings.currency);
    void tellPerson(`near/${key}/${use.granted}`, {
      event: 'needsYou',
      convoy,
      about: [{ about, failure }],
    });
  }
};
