import type { Client } from '@temporalio/client';
import { workflowId } from '../workflows/domain/naming.ts';
import { isWaitedFor } from '../workflows/domain/queue/refineryReport.ts';
import type { ConvoyStatus, RefineryStatus } from '../workflows/domain/report/report.ts';
import { askMaybe } from './ask.ts';

/** The merge queues of a convoy's rigs, as far as they answer: beads that are queued have nothing to say of why they wait. */
export const queuesOf = async (
  client: Client,
  { rigs }: { readonly rigs: readonly { readonly rig: string; readonly target: string }[] },
): Promise<readonly RefineryStatus[]> => {
  const asked = rigs.map(({ rig, target }) =>
    askMaybe<RefineryStatus>(
      client,
      client.workflow.getHandle(workflowId.refinery(rig, target)),
      'refineryStatus',
    ),
  );
  return (await Promise.all(asked)).filter((one) => one !== undefined);
};

/** Those that matter to a convoy: one that has stopped while nothing of it will come is no trouble of its own. */
export const awaited = (queues: readonly RefineryStatus[], convoy: ConvoyStatus): readonly RefineryStatus[] =>
  queues.filter((one) => isWaitedFor(one, [convoy]));
