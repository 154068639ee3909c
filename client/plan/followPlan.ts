import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { PlanStatus } from '../../workflows/domain/plan/planning.ts';
import { exitCode } from '../exitCodes.ts';
import { ClientError } from '../trouble.ts';
import { planOf } from './planEpic.ts';

const everyMs = 400;
/** Workers that are being started again answer late. */
const patienceMs = 60_000;

/** The states of a plan while it is drafted, each time that something changed, up to the one in which it needs nobody's time. */
export async function* followPlan(
  client: Client,
  convoy: string,
  signal: AbortSignal,
): AsyncGenerator<PlanStatus> {
  let last = '';
  for (let silentSince: number | undefined; !signal.aborted; ) {
    try {
      const status = await planOf(client, convoy);
      if (status === undefined) throw unknownPlan(convoy);
      silentSince = undefined;
      const text = JSON.stringify(status);
      if (text !== last) yield status;
      last = text;
      if (status.state !== 'drafting') return;
    } catch (error) {
      silentSince ??= Date.now();
      if (error instanceof ClientError || Date.now() - silentSince > patienceMs) throw error;
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}

export const unknownPlan = (convoy: string): ClientError =>
  new ClientError(exitCode.badInput, {
    type: 'NotFound',
    what: `The mayor has made no plan named ${convoy}.`,
    evidence: `workflow ${workflowId.plan(convoy)}`,
    next: 'See those that there are with `gt plan list`; make one with `gt convoy launch EPIC.md`.',
  });
