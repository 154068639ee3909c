import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import { failedBy } from './activityFailure.ts';
import { type ConvoyDesk, newDesk, openEpics, statusOf } from './convoy/desk.ts';
import { convoyEnd } from './convoy/end.ts';
import { runEpic } from './convoy/epics.ts';
import { handleConvoyMessages } from './convoy/messages.ts';
import { openRigs } from './convoy/rigs.ts';
import { grantTokens, takeNames } from './convoy/treasury.ts';
import { convoyMarkdown } from './domain/board.ts';
import type { ConvoyInput, ConvoyResult } from './domain/convoy.ts';
import { readySet } from './domain/graph.ts';
import { convoyStatus } from './messages.ts';

/**
 * What a person launched: opens the rigs, runs the epics in the order of their needs, hands out tokens and names, and
 * reports. It fails only when it could not start; beads that did not land are part of its result.
 */
export async function convoy(input: ConvoyInput): Promise<ConvoyResult> {
  const desk = newDesk(input);
  setHandler(convoyStatus, () => statusOf(desk), {
    description: 'Epics, rigs, tokens and what needs a person',
  });
  handleConvoyMessages(desk);

  try {
    // Names are asked for while git works: neither needs the other.
    const [rigs] = await Promise.all([openRigs(desk), takeNames(desk)]);
    desk.rigs = rigs;
    desk.state = 'running';
    await runEpics(desk);
    desk.state = 'done';
    return await convoyEnd(desk);
  } catch (error) {
    if (isCancellation(error)) {
      desk.state = 'cancelled';
      await CancellationScope.nonCancellable(() => condition(() => openEpics(desk) === 0));
      throw error;
    }
    desk.state = 'failed';
    throw failedBy(error, (failure) => {
      desk.failure = failure;
    });
  } finally {
    setCurrentDetails(convoyMarkdown(statusOf(desk)));
    await condition(allHandlersFinished);
  }
}

const runEpics = async (desk: ConvoyDesk): Promise<void> => {
  while (desk.epics.values().some(({ state }) => state === 'pending' || state === 'running')) {
    const seen = desk.version;
    await grantTokens(desk);
    if (desk.paused === undefined && desk.stopping === undefined) startReady(desk);
    setCurrentDetails(convoyMarkdown(statusOf(desk)));
    if (desk.version === seen) await condition(() => desk.version !== seen);
  }
};

const startReady = (desk: ConvoyDesk): void => {
  const all = [...desk.epics.values()];
  const ids = (states: readonly string[]): Set<string> =>
    new Set(all.filter(({ state }) => states.includes(state)).map(({ plan }) => plan.id));
  const landed = ids(['landed']);
  const ready = readySet({ nodes: desk.input.epics, landed, started: ids(['running', 'partly', 'held']) });
  for (const id of ready) {
    void runEpic(desk, id).then(() => {
      desk.version++;
    });
  }
};
