import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { fleetPlanPage } from '../render/fleetPlanPage.ts';
import { askFleet } from './ask.ts';

/** `gt fleet plan` */
export const fleetPlan = async (call: Call<object>): Promise<Answer> => {
  const { client } = await call.town();
  const { plan, hosts, swaps } = await askFleet(client);
  const orders = hosts.flatMap(({ report, order }) =>
    order === undefined ? [] : [{ host: report.host, ...order }],
  );
  return {
    data: plan === undefined ? null : { ...plan, orders, swaps },
    lines: (terminal) => fleetPlanPage({ plan, hosts, swaps }, terminal, Date.now()),
  };
};
