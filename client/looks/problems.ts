import type { Client } from '@temporalio/client';
import { workflowId } from '../../workflows/domain/naming.ts';
import { type Problem, problemsOf } from '../../workflows/domain/problems.ts';
import { openBeadKeys } from '../../workflows/domain/problemsAtWork.ts';
import type { BeadStatus, ConvoyStatus } from '../../workflows/domain/report.ts';
import type { Answer } from '../answer.ts';
import { askMaybe } from '../ask.ts';
import type { Call } from '../call.ts';
import { lookAtTown } from '../look.ts';
import type { Reached } from '../reach.ts';
import { problemLines } from '../render/problems.ts';

/** With more at work than this, their own words would cost the workers more than a reader gains. */
const mostBeads = 60;

/** The answer of `gt problems`. */
export const problems = async (call: Call<object>): Promise<Answer> => {
  const found = await problemsIn(await call.glance());
  return {
    data: found,
    meta: { count: found.length },
    lines: (terminal) => problemLines(found, terminal),
  };
};

/** What in the open town needs a person now, the most pressing first. */
export const problemsIn = async (town: Reached): Promise<readonly Problem[]> => {
  const view = await lookAtTown(town);
  const { convoys, plans = [], refineries, hosts, silent, town: ledger } = view;
  const beads = await beadsOf(town.client, convoys);
  return problemsOf({ convoys, beads, plans, refineries, hosts, town: ledger, silent });
};

const beadsOf = async (client: Client, convoys: readonly ConvoyStatus[]): Promise<readonly BeadStatus[]> => {
  const open = convoys.flatMap((convoy) =>
    openBeadKeys(convoy).map((bead) => ({ convoy: convoy.convoy, ...bead })),
  );
  const asked = open
    .slice(0, mostBeads)
    .map((ref) =>
      askMaybe<BeadStatus>(client, client.workflow.getHandle(workflowId.bead(ref)), 'beadStatus'),
    );
  return (await Promise.all(asked)).filter((status) => status !== undefined);
};
