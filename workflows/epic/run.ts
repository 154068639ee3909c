import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  getExternalWorkflowHandle,
  isCancellation,
} from '@temporalio/workflow';
import type { bead } from '../bead.ts';
import { type BeadBlocked, type BeadLanded, beadBlocked } from '../domain/bead/bead.ts';
import { type BoardBead, noteEnded } from '../domain/epicBoard.ts';
import { addUsage, noUsage } from '../domain/host/model.ts';
import { beadKey, workflowId } from '../domain/naming.ts';
import { takeNames } from '../domain/polecatNames.ts';
import { shutdown } from '../messages.ts';
import { rigActivities, townActivities, waitingActivities } from '../proxies.ts';
import type { EpicDesk } from './desk.ts';
import { lost } from './lost.ts';
import { settleBead } from './purse.ts';
import { escalate } from './replan.ts';
import { refOf, startBead } from './startBead.ts';

/** Runs one bead to its end and writes the outcome on the board. A bead's failure is data: this never throws. */
export const runBead = async (desk: EpicDesk, id: string): Promise<void> => {
  const one = desk.board.get(id);
  if (one === undefined) return;
  one.state = 'working';
  one.open = true;
  one.continued = false;
  one.failure = undefined;
  // A retry counts from nothing; what the run before it spent stays in the books (G7).
  if (one.spent !== undefined) desk.spentBefore = addUsage(desk.spentBefore, one.spent.usage);
  one.spent = undefined;
  // Beads that were added later have no name reserved for them.
  one.polecat ||= desk.names.shift() ?? takeNames(desk.board.size, 1).names[0] ?? id;
  try {
    noteLanded(one, await resultOf(desk, one));
  } catch (error) {
    one.ending = true;
    await noteEnd(desk, one, error);
    // Whoever has started it again meanwhile knows.
    if (one.again === undefined) await escalate(desk, one);
  } finally {
    noteEnded(one);
    settleBead(desk, one);
  }
};

/** A parked bead's slot is free again: it may go on. */
export const resumeBead = async (desk: EpicDesk, id: string): Promise<void> => {
  const one = desk.board.get(id);
  if (one?.resuming === undefined) return;
  const { raise } = one.resuming;
  one.resuming = undefined;
  one.state = 'working';
  const argument = raise === undefined ? {} : { raise };
  await townActivities(desk.input.settings.pace).update({
    workflowId: idOf(desk, id),
    name: 'resume',
    argument,
  });
  // A stop that came meanwhile found the bead still parked, and left it alone.
  if (desk.stopping !== undefined) {
    await getExternalWorkflowHandle(idOf(desk, id)).signal(shutdown, desk.stopping).catch(whenGone);
  }
};

/** The board learns of a landing from the bead's own signal, before the bead has cleaned up. */
export const noteLanded = (one: BoardBead, result: BeadLanded): void => {
  one.state = 'landed';
  one.landed = result;
  one.spent = result.spent;
  one.ms = result.ms;
  one.model = result.model;
  one.polecat = result.polecat;
  one.failure = undefined;
  noteProposals(one, result);
};

const noteProposals = (one: BoardBead, { proposals }: Pick<BeadLanded, 'proposals'> = {}): void => {
  if (proposals !== undefined) one.proposals = proposals;
};

const idOf = (desk: EpicDesk, id: string): string => workflowId.bead(refOf(desk, id));

const resultOf = async (desk: EpicDesk, one: BoardBead): Promise<BeadLanded> => {
  let child: ChildWorkflowHandle<typeof bead>;
  try {
    child = await startBead(desk, one);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return joinBead(desk, one);
  }
  return endOf(desk, child);
};

const endOf = async (desk: EpicDesk, child: ChildWorkflowHandle<typeof bead>): Promise<BeadLanded> => {
  // A stop that came while the child was being started has not reached it.
  if (desk.stopping !== undefined) await child.signal(shutdown, desk.stopping).catch(whenGone);
  return child.result();
};

/** One that has ended meanwhile says so by its result. */
const whenGone = (error: unknown): void => {
  if (isCancellation(error)) throw error;
};

/** Somebody else's run of this bead, from an earlier launch: landed is taken over, running is waited for. */
const joinBead = async (desk: EpicDesk, one: BoardBead): Promise<BeadLanded> => {
  const { pace } = desk.input.settings;
  const id = idOf(desk, one.spec.id);
  let outcome = await townActivities(pace).beadOutcome(id);
  one.earlier = outcome.state === 'landed';
  if (outcome.state === 'running') outcome = await waitingActivities(pace).awaitBead(id);
  // However else it ended, this launch is there to try it again.
  return outcome.state === 'landed' ? outcome.result : endOf(desk, await startBead(desk, one));
};

const noteEnd = async (desk: EpicDesk, one: BoardBead, error: unknown): Promise<void> => {
  // The signal `landed` came first; whatever ended the run afterwards only disturbed its clean-up.
  if (one.state === 'landed') return;
  const commit = await commitOf(desk, one);
  if (commit !== undefined) {
    noteLanded(one, landedUnseen(desk, one, commit));
    return;
  }
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && cause.type === beadBlocked) {
    const details = cause.details?.[0] as Partial<BeadBlocked> | undefined;
    one.state = 'blocked';
    one.failure = details?.failure;
    one.spent = details?.spent ?? one.spent;
    one.ms = details?.ms ?? one.ms;
    one.model = details?.model ?? one.model;
    noteProposals(one, details);
    return;
  }
  one.state = isCancellation(error) ? 'cancelled' : 'blocked';
  one.failure = isCancellation(error) ? undefined : lost(beadKey(refOf(desk, one.spec.id)), cause);
};

/** However a bead ended, git knows whether it has landed (G4); dependents are held only if it has not. */
const commitOf = async (desk: EpicDesk, one: BoardBead): Promise<string | undefined> => {
  const { input } = desk;
  const owner = { rig: input.rig.rig, place: input.settings.place, convoy: input.convoy };
  try {
    const found = await rigActivities(owner, input.settings.pace).findLanded({
      bead: refOf(desk, one.spec.id),
      rig: input.rig.rig,
      target: input.rig.target,
      place: input.settings.place,
      spec: one.spec,
    });
    return found ?? undefined;
  } catch {
    return; // the epic itself is being cancelled, or the rig is gone: nothing more can be known now
  }
};

const landedUnseen = (desk: EpicDesk, one: BoardBead, commit: string): BeadLanded => ({
  state: 'landed',
  bead: beadKey(refOf(desk, one.spec.id)),
  commit,
  nothingToChange: false,
  spent: one.spent ?? { turns: 0, usage: noUsage, wallMs: 0, attempts: 0 },
  ms: one.ms,
  model: one.model,
  polecat: one.polecat,
});
