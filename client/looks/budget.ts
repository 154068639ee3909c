import { nearOf, usesOfConvoy, usesOfDay, usesOfEpics } from '../../workflows/domain/budget/budgetUse.ts';
import type { TownStatus } from '../../workflows/domain/report/report.ts';
import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { everlasting, lookAtAllConvoys } from '../look.ts';
import { budgetPage } from '../render/budget.ts';
import { silentLines } from '../render/townPage.ts';

/** The answer of `gt budget show`. */
export const budgetShow = async (call: Call<object>): Promise<Answer> => {
  const { client } = await call.glance();
  const [towns, { answers: convoys, silent }] = await Promise.all([
    everlasting<TownStatus>(client, 'town', 'townStatus'),
    lookAtAllConvoys(client, true),
  ]);
  const [town] = towns.answers;
  const day = town === undefined ? [] : usesOfDay(town);
  return {
    data: {
      day: day.map((use) => ({ ...use, near: nearOf([use]).length > 0 })),
      convoys: convoys.map((one) => ({
        convoy: one.convoy,
        budgets: [...usesOfConvoy(one), ...usesOfEpics(one)].map((use) => ({
          ...use,
          near: nearOf([use]).length > 0,
        })),
      })),
      currency: town?.currency,
    },
    meta: { silent: [...towns.silent, ...silent] },
    lines: (terminal) => [
      ...budgetPage(town, convoys, terminal),
      ...silentLines([...towns.silent, ...silent], terminal),
    ],
  };
};
