import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { failedBy } from './activityFailure.ts';
import { underCurfew } from './convoy/curfew.ts';
import { type ConvoyDesk, newDesk, openEpics, statusOf } from './convoy/desk.ts';
import { announceEnd, convoyEnd } from './convoy/end.ts';
import { runEpic } from './convoy/epics.ts';
import { handleConvoyMessages } from './convoy/messages.ts';
import { handleRaises } from './convoy/raises.ts';
import { refuseInput } from './convoy/refuse.ts';
import { openRigs } from './convoy/rigs.ts';
import { tellRest } from './convoy/spending.ts';
import { grantTokens, returnToTown, takeNames } from './convoy/treasury.ts';
import type { ConvoyInput, ConvoyResult } from './domain/convoy.ts';
import { convoyInputFault } from './domain/convoyShape.ts';
import { readySet } from './domain/plan/graph.ts';
import { convoyMarkdown } from './domain/report/board.ts';
import { convoyStatus } from './messages.ts';

/**
 * What a person launched: opens the rigs, runs the epics in the order of their needs, hands out tokens and names, and
 * reports. It fails only when it could not start; beads that did not land are part of its result.
 */
export async function convoy(input: ConvoyInput): Promise<ConvoyResult> {
  const fault = convoyInputFault(input, workflowInfo().workflowId);
  if (fault !== undefined) return refuseInput(fault);
  const desk = newDesk(input);
  setHandler(convoyStatus, () => statusOf(desk), {
    description: 'Epics, rigs, tokens and what needs a person',
  });
  handleConvoyMessages(desk);
  handleRaises(desk);

  try {
    // Names are asked for while git works: neither needs the other.
    const [rigs] = await Promise.all([openRigs(desk), takeNames(desk)]);
    desk.rigs = rigs;
    desk.state = 'running';
    await underCurfew(desk, () => runEpics(desk));
    desk.state = 'done';
    const result = await convoyEnd(desk);
    await announceEnd(desk);
    return result;
  } catch (error) {
    if (isCancellation(error)) {
      desk.state = 'cancelled';
      await CancellationScope.nonCancellable(async () => {
        await condition(() => openEpics(desk) === 0);
        await tellRest(desk);
        await returnToTown(desk);
      });
      throw error;
    }
    desk.state = 'failed';
    const failed = failedBy(error, (failure) => {
      desk.failure = failure;
    });
    await announceEnd(desk);
    throw failed;
  } finally {
    setCurrentDetails(convoyMarkdown(statusOf(desk)));
    await condition(allHandlersFinished);
  }
}

const runEpics = async (desk: ConvoyDesk): Promise<void> => {
  while (desk.epics.values().some(({ state }) => state === 'pending' || state === 'running')) {
    const seen = desk.version;
    await grantTokens(desk);
    await throwIfCancelled();
    if (desk.paused === undefined && desk.stopping === undefined) startReady(desk);
    setCurrentDetails(convoyMarkdown(statusOf(desk)));
    if (desk.version === seen) await condition(() => desk.version !== seen);
  }
};

/** Not every wait of a round throws: an answer of the town is waited for in any case. */
const throwIfCancelled = async (): Promise<void> => {
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) await scope.cancelRequested;
};

const startReady = (desk: ConvoyDesk): void => {
  const all = [...desk.epics.values()];
  const ids = (states: readonly string[]): Set<string> =>
    new Set(all.filter(({ state }) => states.includes(state)).map(({ plan }) => plan.id));
  const landed = ids(['landed']);
  const isStopped = (id: string): boolean => desk.stoppedRigs.has(desk.epics.get(id)?.plan.rig ?? '');
  const ready = readySet({ nodes: desk.input.epics, landed, started: ids(['running', 'partly', 'held']) });
  for (const id of ready) {
    if (isStopped(id)) continue;
    void runEpic(desk, id).then(() => {
      desk.version++;
    });
  }
};
