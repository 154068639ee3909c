import { ApplicationFailure, getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import { grant, raiseFault } from '../domain/allowance.ts';
import { workflowId } from '../domain/naming.ts';
import {
  allowance,
  askAllowance,
  handoff,
  pause,
  type Raise,
  raiseBudget,
  resume,
  shutdown,
} from '../messages.ts';
import { townActivities } from '../proxies.ts';
import type { ConvoyDesk } from './desk.ts';
import { isAwaited } from './treasury.ts';

/** Registers the convoy's handlers: most are passed on to the epics that run. */
export const handleConvoyMessages = (desk: ConvoyDesk): void => {
  const changed = (): void => {
    desk.version++;
  };

  setHandler(askAllowance, (ask) => {
    desk.asks.push(ask);
    changed();
  });

  setHandler(allowance, (answer) => {
    if (!isAwaited(desk, answer)) return;
    if (answer.askAgain === true) askAgain(desk);
    else if (answer.names.length > 0 || desk.names === undefined) desk.names = answer.names;
    else desk.fromTown = answer;
    changed();
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
          refuse('This convoy has no budget of its own, so there is nothing to raise.');
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
    { description: 'Starts nothing new' },
  );

  setHandler(
    resume,
    async (request) => {
      desk.paused = undefined;
      desk.stopping = undefined;
      changed();
      await updateEpics(desk, 'resume', request);
      return 'going on';
    },
    {
      description: 'Ends a pause or stop, in every epic',
      validator: ({ raise }: { readonly raise?: Raise }) => {
        const fault = raiseFault(raise);
        if (fault !== undefined) refuse(fault);
      },
    },
  );

  setHandler(shutdown, async (request) => {
    desk.stopping = request;
    changed();
    await toEpics(desk, (epic) => epic.signal(shutdown, request));
  });

  setHandler(handoff, (request) => toEpics(desk, (epic) => epic.signal(handoff, request)));
};

/** Epics that were refused have asked already. */
const askAgain = (desk: ConvoyDesk): void => {
  desk.asks.push(...desk.refused.values());
  desk.refused.clear();
};

const refuse = (text: string): never => {
  throw ApplicationFailure.nonRetryable(text, 'Refused');
};

const running = ({ epics, input }: ConvoyDesk): string[] =>
  [...epics.values()]
    .filter(({ state }) => state === 'running')
    .map(({ plan }) => workflowId.epic(input.convoy, plan.id));

/** A workflow cannot send an update itself, so an activity does. */
const updateEpics = async (desk: ConvoyDesk, name: 'pause' | 'resume', argument: object): Promise<void> => {
  const town = townActivities(desk.input.settings.pace);
  await Promise.all(running(desk).map((id) => town.update({ workflowId: id, name, argument })));
};

const toEpics = async (
  desk: ConvoyDesk,
  tell: (epic: ReturnType<typeof getExternalWorkflowHandle>) => Promise<void>,
): Promise<void> => {
  // One that is just ending needs no telling.
  await Promise.all(running(desk).map((id) => tell(getExternalWorkflowHandle(id)).catch(() => undefined)));
};
