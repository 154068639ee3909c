import type { Client } from '@temporalio/client';
import { beadKey, workflowId } from '../../workflows/domain/naming.ts';
import { type Problem, problemsOf } from '../../workflows/domain/report/problems.ts';
import { openBeadKeys } from '../../workflows/domain/report/problemsAtWork.ts';
import type { BeadStatus, ConvoyStatus } from '../../workflows/domain/report/report.ts';
import type { Answer } from '../answer.ts';
import { askMaybe, within } from '../ask.ts';
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
  const [beads, since] = await Promise.all([beadsOf(town.client, convoys), sinceWhen(town.client, convoys)]);
  return problemsOf({ convoys, beads, plans, refineries, hosts, town: ledger, silent, since });
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

/** A blocked bead's workflow has ended, and a parked one's has begun anew, at that moment. */
const sinceWhen = async (
  client: Client,
  convoys: readonly ConvoyStatus[],
): Promise<ReadonlyMap<string, number>> => {
  const resting = convoys.flatMap(({ epics }) =>
    epics.flatMap(({ convoy, epic, beads }) =>
      beads
        .filter(({ state }) => state === 'blocked' || state === 'parked')
        .map(({ bead }) => ({ convoy, epic, bead })),
    ),
  );
  const dated = resting.slice(0, mostBeads).map(async (ref): Promise<readonly [string, number][]> => {
    const handle = client.workflow.getHandle(workflowId.bead(ref));
    const found = await within(client, () => handle.describe(), 5_000).catch(() => undefined);
    const at = found?.closeTime ?? found?.startTime;
    return at === undefined ? [] : [[beadKey(ref), at.getTime()]];
  });
  return new Map((await Promise.all(dated)).flat());
};
