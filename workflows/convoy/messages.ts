import { setHandler } from '@temporalio/workflow';
import { grant, raiseFault } from '../domain/allowance.ts';
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
  raiseBudget,
  raiseMoney,
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
    raiseBudget,
    (tokens) => {
      desk.ledger = grant(desk.ledger, tokens);
      askAgain(desk);
      changed();
      return desk.ledger.granted ?? 0;
    },
    {
      description: 'Adds tokens to the budget of this convoy',
      validator: (tokens: number) => {
        if (!Number.isInteger(tokens) || tokens <= 0)
          refuse(`Tokens to add must be a whole number above 0, not ${tokens}.`);
        if (desk.ledger.granted === undefined)
          throw refused('This convoy has no budget of its own, so there is nothing to raise.', {
            evidence: `${desk.input.convoy} was launched without --tokens, and limits.tokensPerConvoy was not set.`,
            next: desk.input.settings.dailyBudget
              ? 'What all convoys together may spend on a day is raised with `gt budget raise-day N`.'
              : 'It may spend what it needs; nothing has to be done. If a bead (task) has used up its own tokens: `gt resume CONVOY/EPIC/BEAD --tokens N`.',
          });
      },
    },
  );

  setHandler(
    raiseMoney,
    (money) => {
      desk.money = grant(desk.money, money);
      askAgain(desk);
      changed();
      return desk.money.granted ?? 0;
    },
    {
      description: 'Adds money to the budget of this convoy, in millionths',
      validator: (money: number) => {
        if (!Number.isSafeInteger(money) || money <= 0)
          refuse(`Money to add must be a whole number of millionths above 0, not ${money}.`);
        if (desk.money.granted === undefined)
          throw refused('This convoy has no budget of money of its own, so there is nothing to raise.', {
            evidence: `${desk.input.convoy} was launched without --money, and limits.moneyPerConvoy was not set.`,
            next: desk.input.settings.dailyMoney
              ? 'What all convoys together may spend on a day is raised with `gt budget raise-day --money AMOUNT`.'
              : 'It may spend what it needs; nothing has to be done. If a bead (task) has used up its own money: `gt resume CONVOY/EPIC/BEAD --money AMOUNT`.',
          });
      },
    },
  );

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
