import { ApplicationFailure, type CancellationScope, setHandler } from '@temporalio/workflow';
import { raiseFault } from '../domain/allowance.ts';
import type { Verdict } from '../domain/submission.ts';
import { type Handoff, handoff, type Raise, resume, type Shutdown, shutdown, verdict } from '../messages.ts';

/** What others have told a bead, until it comes to look. Handlers only note facts; the bead's loop acts on them. */
export interface Inbox {
  readonly shutdown: Shutdown | undefined;
  readonly handoff: Handoff | undefined;
  readonly resume: { readonly raise?: Raise } | undefined;
  readonly verdicts: readonly Verdict[];
  takeHandoff(): Handoff | undefined;
  /** The scope that `shutdown` with mode `now` cancels. */
  abortable: CancellationScope | undefined;
}

/** Registers the bead's handlers; call it before the first await. */
export const createInbox = (from: {
  readonly parked?: boolean;
  readonly handoff?: Handoff | undefined;
}): Inbox => {
  const inbox = {
    shutdown: undefined as Shutdown | undefined,
    handoff: from.handoff,
    resume: undefined as { readonly raise?: Raise } | undefined,
    verdicts: [] as Verdict[],
    abortable: undefined as CancellationScope | undefined,

    takeHandoff() {
      const taken = inbox.handoff;
      inbox.handoff = undefined;
      return taken;
    },
  };
  const isParked = (): boolean => from.parked === true && inbox.resume === undefined;

  setHandler(handoff, (request) => {
    inbox.handoff = request;
  });
  setHandler(shutdown, (request) => {
    // A parked bead is stopped already; the request must not stop it again once it is resumed.
    if (isParked()) return;
    inbox.shutdown = request;
    if (request.mode === 'now') inbox.abortable?.cancel();
  });
  setHandler(verdict, (fact) => {
    inbox.verdicts.push(fact);
  });
  setHandler(
    resume,
    (request) => {
      inbox.resume = request;
      return 'at work again';
    },
    {
      description: 'Goes on with a parked bead; may raise its caps',
      validator: ({ raise }: { readonly raise?: Raise }) => {
        const fault = raiseFault(raise);
        if (fault !== undefined) throw ApplicationFailure.nonRetryable(fault);
        if (!isParked()) {
          throw ApplicationFailure.nonRetryable('This bead is not parked, so there is nothing to resume.');
        }
      },
    },
  );
  return inbox;
};
