import { setHandler } from '@temporalio/workflow';
import { raiseFault } from '../domain/budget/allowance.ts';
import { type Until, untilFault } from '../domain/convoy.ts';
import {
  allowanceShape,
  askAllowanceShape,
  epicParkedShape,
  epicSpentShape,
  handoffShape,
  longestNames,
  reasonShape,
  resumeShape,
  shutdownShape,
  spendingShape,
  untilShape,
} from '../domain/messageShapes.ts';
import {
  type Allowance,
  allowance,
  askAllowance,
  epicParked,
  epicSpent,
  handoff,
  pause,
  type Raise,
  resume,
  setUntil,
  shutdown,
  spending,
} from '../messages.ts';
import { receive, refused, refuseUnfit } from '../receive.ts';
import type { ConvoyDesk } from './desk.ts';
import { tellSpending } from './spending.ts';
import { toEpics, updateEpics } from './toEpics.ts';
import { askAgain, isAwaited, settleEpic } from './treasury.ts';

/** Registers the convoy's handlers: most are passed on to the epics that run. */
export const handleConvoyMessages = (desk: ConvoyDesk): void => {
  const changed = (): void => {
    desk.version++;
  };

  receive(askAllowance, askAllowanceShape, (ask) => {
    // Nobody would ever give back what a stranger holds.
    if (!desk.epics.has(ask.from)) return;
    desk.asks.push(ask);
    changed();
  });

  const hear = (answer: Allowance): void => {
    if (!isAwaited(desk, answer)) return;
    if (answer.askAgain === true) askAgain(desk);
    else if (answer.names.length > 0 || desk.names === undefined) desk.names = answer.names;
    else desk.fromTown = answer;
    changed();
  };
  receive(allowance, allowanceShape, hear, longestNames);

  receive(epicSpent, epicSpentShape, ({ epic, usage }) => {
    const one = desk.epics.get(epic);
    if (one === undefined) return;
    one.usage = usage;
    settleEpic(desk, epic, usage);
  });

  receive(spending, spendingShape, ({ from, ...told }) => {
    const one = desk.epics.get(from);
    if (one === undefined) return;
    one.told = told;
    tellSpending(desk);
  });

  setHandler(
    pause,
    async (request) => {
      desk.paused = request.reason;
      changed();
      await updateEpics(desk, 'pause', request);
      return 'paused: nothing new starts, what runs goes on';
    },
    {
      description: 'Starts nothing new',
      validator: (request: { readonly reason: string }) => refuseUnfit('pause', reasonShape, request),
    },
  );

  setHandler(
    resume,
    async (request) => {
      const { rig, ...rest } = request;
      if (rig !== undefined) {
        if (!desk.stoppedRigs.delete(rig)) return `nothing of it was stopped on ${rig}`;
        changed();
        await updateEpics(desk, 'resume', rest, rig);
        return `going on on ${rig}`;
      }
      desk.paused = undefined;
      desk.stopping = undefined;
      desk.stoppedRigs.clear();
      // A time that has come is over; one to come holds.
      if (desk.until !== undefined && desk.until.ms <= Date.now()) desk.until = undefined;
      changed();
      await updateEpics(desk, 'resume', request);
      return 'going on';
    },
    {
      description: 'Ends a pause or stop, in every epic',
      validator: (request: { readonly raise?: Raise }) => {
        refuseUnfit('resume', resumeShape, request);
        const fault = raiseFault(request.raise);
        if (fault !== undefined) refuse(fault);
      },
    },
  );

  setHandler(
    setUntil,
    ({ until }) => {
      desk.until = until;
      changed();
      return until === undefined ? 'runs until all is done' : `runs until ${until.clock}`;
    },
    {
      description: 'When to finish what is under way and park; without a time: when all is done',
      validator: (request: { readonly until?: Until }) => {
        refuseUnfit('setUntil', untilShape, request);
        const fault = untilFault(request.until, Date.now());
        if (fault !== undefined) refuse(fault);
      },
    },
  );

  receive(epicParked, epicParkedShape, ({ epic }) => {
    const one = desk.epics.get(epic);
    if (one !== undefined) one.parked = true;
    changed();
  });

  receive(shutdown, shutdownShape, async (request) => {
    const { rig } = request;
    if (rig === undefined) desk.stopping = request;
    else desk.stoppedRigs.set(rig, request);
    changed();
    await toEpics(desk, (epic) => epic.signal(shutdown, request), rig);
  });

  receive(handoff, handoffShape, (request) => toEpics(desk, (epic) => epic.signal(handoff, request)));
};

const refuse = (text: string): never => {
  throw refused(text);
};
