import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { hostObservedShape } from './domain/messageShapes.ts';
import { hostMarkdown } from './domain/report/board.ts';
import type { HostStatus } from './domain/report/report.ts';
import { hostObserved, hostStatus } from './messages.ts';
import { hostActivities } from './proxies.ts';
import { receive } from './receive.ts';

/** The input of the workflow `host`. */
export interface HostInput {
  readonly host: string;
  /** How long one lease is held before the workflow continues as new, ms. */
  readonly leaseMs?: number;
  readonly heartbeatMs?: number;
  readonly carried?: HostStatus;
}

const hour = 3_600_000;

/** The lease of one model host: one `tendHost` after another, for ever. What the lease sees is told by signal. */
export async function host(input: HostInput): Promise<void> {
  let seen: HostStatus = input.carried ?? { host: input.host, open: [], closed: [], attempt: 0 };
  receive(hostObserved, hostObservedShape, ({ open, closed, loading = [], quietUntil }) => {
    const quiet = quietUntil === undefined ? {} : { quietUntil };
    seen = { host: input.host, open, closed, loading, ...quiet, attempt: seen.attempt + 1 };
  });
  setHandler(hostStatus, () => seen);

  const maxMs = input.leaseMs ?? 6 * hour;
  const lease = hostActivities(input.host, maxMs, input.heartbeatMs ?? 10_000);
  const scope = new CancellationScope();
  const tended = scope.run(() =>
    lease.tendHost.executeWithOptions({ summary: `tend ${input.host}` }, [{ host: input.host, maxMs }]),
  );
  // Cancelled with the workflow, whose own end says so.
  show().catch(() => undefined);
  await Promise.race([tended, condition(() => workflowInfo().continueAsNewSuggested)]);
  if (workflowInfo().continueAsNewSuggested) {
    // A host that comes and goes writes so much that the server would end this workflow, and with it the lease, for good.
    scope.cancel();
    await tended.catch((error: unknown) => {
      if (!isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
    });
  }
  // Between two leases nothing is in flight: the moment to start a fresh history.
  await condition(allHandlersFinished);
  return continueAsNew<typeof host>({ ...input, carried: seen });

  /** A host that comes and goes tells more in one task than anybody reads: only the last of it is written out. */
  async function show(): Promise<void> {
    for (;;) {
      const shown = seen;
      setCurrentDetails(hostMarkdown(shown));
      await condition(() => seen !== shown);
    }
  }
}
