import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { lookAtPolecats } from '../polecats.ts';
import { polecatTable } from '../render/polecatTable.ts';
import { readTarget } from '../targets.ts';

/** The answer of `gt polecats`. */
export const polecats = async (call: Call<object>, name?: string): Promise<Answer> => {
  const convoy = name === undefined ? undefined : readTarget(name, ['convoy']).convoy;
  const { client } = await call.glance();
  const found = await lookAtPolecats(client, convoy);
  return {
    data: found,
    meta: { count: found.length },
    lines: (terminal) =>
      found.length === 0 ? ['No polecat (worker agent) is at work.'] : polecatTable(found, terminal),
  };
};
