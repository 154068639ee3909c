import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { fleetPage } from '../render/fleetPage.ts';
import { askFleet } from './ask.ts';

/** `gt fleet status` */
export const fleetState = async (call: Call<object>): Promise<Answer> => {
  const { client } = await call.town();
  const status = await askFleet(client);
  return { data: status, lines: (terminal) => fleetPage(status, terminal, Date.now()), asIs: true };
};
