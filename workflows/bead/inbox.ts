import { type CancellationScope, setHandler } from '@temporalio/workflow';
import type { Told } from '../domain/bead/told.ts';
import { raiseFault } from '../domain/budget/allowance.ts';
import { clip } from '../domain/failure.ts';
import { longestWords } from '../domain/mail/words.ts';
import {
  handoffShape,
  nudgeShape,
  resumeShape,
  shutdownShape,
  verdictShape,
} from '../domain/messageShapes.ts';
import type { Verdict } from '../domain/queue/submission.ts';
import {
  type Handoff,
  handoff,
  nudge,
  type Raise,
  resume,
  type Shutdown,
  shutdown,
  verdict,
} from '../messages.ts';
import { receive, refused, refuseUnfit } from '../receive.ts';

interface Resume {
  readonly raise?: Raise;
}

/** What others have told a bead, until it comes to look. Handlers only note facts; the bead's loop acts on them. */
export interface Inbox {
  readonly shutdown: Shutdown | undefined;
  readonly handoff: Handoff | undefined;
  readonly resume: Resume | undefined;
  readonly verdicts: readonly Verdict[];
  takeHandoff(): Handoff | undefined;
  /** What it was told since the last look. */
  takeTold(): readonly Told[];
  /** Ends the parking: whoever asks after it is told that the bead is at work. */
  takeResume(): Resume | undefined;
  /** The scope that `shutdown` with mode `now` cancels. */
  abortable: CancellationScope | undefined;
}

/** Registers the bead's handlers; call it before the first await. */
export const createInbox = (from: {
  readonly parked?: boolean;
  readonly handoff?: Handoff | undefined;
  readonly resume?: Resume | undefined;
}): Inbox => {
  let parked = from.parked === true;
  const told: Told[] = [];
  const inbox = {
    shutdown: undefined as Shutdown | undefined,
    handoff: from.handoff,
    resume: from.resume,
    verdicts: [] as Verdict[],
    abortable: undefined as CancellationScope | undefined,

    takeHandoff() {
      const taken = inbox.handoff;
      inbox.handoff = undefined;
      return taken;
    },

    takeTold() {
      return told.splice(0);
    },

    takeResume() {
      const taken = inbox.resume;
      inbox.resume = undefined;
      parked = false;
      return taken;
    },
  };
  const isParked = (): boolean => parked && inbox.resume === undefined;
  // Whoever hears that the bead parks may be faster with a resume than the bead with its next run, which takes it along.
  const isParking = (): boolean => !parked && inbox.shutdown !== undefined && inbox.resume === undefined;

  receive(handoff, handoffShape, (request) => {
    inbox.handoff = request;
  });
  receive(nudge, nudgeShape, ({ id, from: who, text }) => {
    told.push({ id, from: clip(who, 60), text: clip(text, longestWords) });
  });
  receive(shutdown, shutdownShape, (request) => {
    // A parked bead is stopped already; the request must not stop it again once it is resumed.
    if (isParked()) return;
    // Stopped, resumed and stopped again before it has parked: the last word counts.
    if (inbox.shutdown !== undefined) inbox.resume = undefined;
    inbox.shutdown = request;
    if (request.mode === 'now') inbox.abortable?.cancel();
  });
  receive(verdict, verdictShape, (fact) => {
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
      validator: (request: { readonly raise?: Raise }) => {
        refuseUnfit('resume', resumeShape, request);
        const fault = raiseFault(request.raise);
        if (fault !== undefined) throw refused(fault);
        if (!isParked() && !isParking()) {
          throw refused('This bead is not parked, so there is nothing to resume.');
        }
      },
    },
  );
  return inbox;
};
