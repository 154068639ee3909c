import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  patched,
  setCurrentDetails,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { byUrgency } from './domain/bead/urgency.ts';
import { openLedger } from './domain/budget/allowance.ts';
import { holdDependents, isOver, newBoard, resumable, startable } from './domain/epicBoard.ts';
import { noUsage } from './domain/host/model.ts';
import { epicMarkdown } from './domain/report/board.ts';
import { type EpicDesk, type EpicInput, type EpicResult, epicResult, statusOf } from './epic/desk.ts';
import { tellFleet } from './epic/fleet.ts';
import { handleEpicMessages } from './epic/messages.ts';
import { cancelContinued } from './epic/openBeads.ts';
import { handleProposals } from './epic/proposals.ts';
import { fundBead, handleAllowances, tellSpent } from './epic/purse.ts';
import { isReplanning } from './epic/replan.ts';
import { hasRoom, shortUntil, unseenRoom } from './epic/room.ts';
import { resumeBead, runBead } from './epic/run.ts';
import { tellParked } from './epic/tell.ts';
import { epicStatus } from './messages.ts';

export type { EpicInput, EpicResult } from './epic/desk.ts';

/**
 * One epic: a DAG of beads. Each starts when everything it needs has landed (G1), within the slots there are; a bead
 * that ends without landing holds what waits behind it, and nobody else. Ends when all beads are settled and closed.
 */
export async function epic(input: EpicInput): Promise<EpicResult> {
  const desk: EpicDesk = {
    input,
    board: newBoard(input.plan.beads, input.settings.caps),
    names: [...input.names],
    paused: undefined,
    stopping: undefined,
    maxParallel: input.settings.maxParallel,
    purse: {
      ledger: openLedger(input.limited ? 0 : undefined),
      money: openLedger(input.moneyLimited ? 0 : undefined),
      asking: false,
      refused: false,
      refusedUntil: undefined,
    },
    room: unseenRoom(),
    version: 0,
    starting: 0,
    troubles: 0,
    parkedFor: undefined,
    spentBefore: noUsage,
  };
  setHandler(epicStatus, () => statusOf(desk), { description: 'The board: every bead and where it stands' });
  handleEpicMessages(desk);
  handleProposals(desk);
  handleAllowances(desk);
  const endOfWork = tellFleet(desk);

  try {
    while (!isOver(desk.board) || isReplanning(desk)) {
      const seen = desk.version;
      await startWhatMay();
      await tellParked(desk);
      setCurrentDetails(epicMarkdown(statusOf(desk)));
      // Starting itself changes the board; only news from outside is worth another look.
      if (desk.version === seen) await news(seen);
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    // Beads own worktrees: the epic ends only when they have put them away.
    await CancellationScope.nonCancellable(async () => {
      await cancelContinued(desk);
      await condition(() => [...desk.board.values()].every(({ open }) => !open) && !isReplanning(desk));
      await tellSpent(input.convoy, { epic: input.plan.id, usage: epicResult(desk).usage });
      await endOfWork();
    });
    throw error;
  } finally {
    setCurrentDetails(epicMarkdown(statusOf(desk)));
  }
  await endOfWork();
  await condition(allHandlersFinished);
  return epicResult(desk);

  async function startWhatMay(): Promise<void> {
    if (desk.paused !== undefined || desk.stopping !== undefined) return;
    for (const id of resumable(desk.board, desk.maxParallel)) await resumeBead(desk, id);
    const ready = (): string[] =>
      startable(desk.board, { maxParallel: desk.maxParallel, pacing: input.settings.pacing });
    if (ready().length > 0 && !(await hasRoom(desk))) return;
    if (desk.paused !== undefined || desk.stopping !== undefined) return;
    for (const group of turnsOf(ready())) {
      // The server starts children in any order: who is more urgent is on its way before the next are asked for.
      await condition(() => desk.starting === 0);
      if (desk.paused !== undefined || desk.stopping !== undefined) return;
      for (const id of group) if (!(await mayGoOn(id))) return;
    }
  }

  function turnsOf(ids: readonly string[]): readonly (readonly string[])[] {
    return ids.length > 1 && patched('starts-by-urgency') ? byUrgency(desk.board, ids) : [ids];
  }

  /** Starts a bead; false: no further one may start now. */
  async function mayGoOn(id: string): Promise<boolean> {
    if (!(await fundBead(desk, id))) return false;
    void runBead(desk, id).then(() => {
      holdDependents(desk.board);
      desk.version++;
    });
    if (input.settings.spawnDelayMs === 0) return true;
    await sleep(input.settings.spawnDelayMs, { summary: 'worker spawn delay' });
    return desk.paused === undefined && desk.stopping === undefined;
  }

  /** Waits for news; a full disk is looked at again, and a refused purse asked when the day of its refusal is over. */
  async function news(seen: number): Promise<void> {
    const { refusedUntil } = desk.purse;
    const isNew = (): boolean => desk.version !== seen;
    const short = shortUntil(desk);
    if (short !== undefined && desk.room.due !== undefined) {
      // Once it is due and still not looked at, nothing could start: only news can change that.
      const isDue = desk.room.due;
      return condition(() => isNew() || (!isDue && desk.room.due === true));
    }
    if (short !== undefined) {
      await condition(isNew, Math.max(1, short - Date.now()), {
        summary: 'until the disk is looked at again',
      });
      return;
    }
    // No date: the budget of the convoy is used up, and raising it is told. A timer for ever is none that Temporal takes.
    if (refusedUntil === undefined || refusedUntil === Number.MAX_SAFE_INTEGER) return condition(isNew);
    const woken = await condition(isNew, Math.max(1_000, refusedUntil - Date.now()), {
      summary: 'until tokens are granted again',
    });
    if (woken || !patched('refusals-end-by-timer')) return;
    desk.purse.refused = false;
    desk.purse.refusedUntil = undefined;
  }
}
