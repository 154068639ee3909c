import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { fleetPlanPage } from '../render/fleetPlanPage.ts';
import { askFleet } from './ask.ts';

/** `gt fleet plan` */
export const fleetPlan = async (call: Call<object>): Promise<Answer> => {
  const { client } = await call.town();
  const { plan, hosts } = await askFleet(client);
  return {
    data: plan ?? null,
    lines: (terminal) => fleetPlanPage({ plan, hosts }, terminal, Date.now()),
  };
};
