import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { BeadEnd, blocked } from './bead/end.ts';
import { closeWorktree, tellEpicLanded, tellEpicMoved } from './bead/farewell.ts';
import { runGates } from './bead/gates.ts';
import { createInbox } from './bead/inbox.ts';
import type { BeadInput } from './bead/input.ts';
import { land } from './bead/landing.ts';
import { noteOf } from './bead/note.ts';
import { createPolecat } from './bead/polecat.ts';
import { review } from './bead/review.ts';
import { takeTurn } from './bead/turn.ts';
import type { BeadLanded } from './domain/bead/bead.ts';
import { climbed, handedOver, handoverOf, toldSo } from './domain/bead/beadHandover.ts';
import type { BeadLife } from './domain/bead/beadLife.ts';
import { opened, resumed, worked } from './domain/bead/beadLife.ts';
import { rebased, takeSpare } from './domain/bead/beadOutcome.ts';
import { limitOf } from './domain/bead/limit.ts';
import { remedyOf } from './domain/bead/remedy.ts';
import { waitingFor } from './domain/bead/trouble.ts';
import { beadKey } from './domain/naming.ts';
import { beadStatus } from './messages.ts';

export type { BeadInput } from './bead/input.ts';

/**
 * One bead, from a worktree to a landed commit (G1). A polecat takes turns until the gates are green, then the Refinery
 * decides. Ends as `BeadLanded`, fails as `BeadBlocked`, or stays parked until somebody resumes it.
 */
export async function bead(input: BeadInput): Promise<BeadLanded> {
  const inbox = createInbox(input);
  const polecat = createPolecat(input, inbox);
  setHandler(beadStatus, polecat.status, { description: 'State, attempts, spending and what it waits for' });

  let parking = false;
  try {
    if (input.parked) await waitForResume();
    await open();
    for (;;) {
      if (inbox.shutdown !== undefined) return await park();
      if (inbox.handoff !== undefined) await handOver();
      await step();
    }
  } catch (error) {
    if (error instanceof BeadEnd) return error.landed;
    if (parking) throw error;
    return await endUnlanded(error);
  } finally {
    // Only a parked bead keeps its worktree: whoever ends leaves nothing behind (G5).
    if (!parking) await CancellationScope.nonCancellable(() => leave());
    // A cancelled scope would refuse to wait, and turn a landing into a cancellation.
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }

  async function leave(): Promise<void> {
    const { cleanUpAfterMs } = input.pace;
    const landed = polecat.status().state === 'landed';
    // Clean-up would take three dispatches just when those who waited for this landing need them.
    if (landed && cleanUpAfterMs > 0) await sleep(cleanUpAfterMs, { summary: 'let the next ones start' });
    await closeWorktree(polecat);
  }

  async function open(): Promise<void> {
    polecat.enter('opening');
    const place = await polecat.during(() => polecat.rig.openBead({ ...polecat.place, spec: input.spec }));
    if (place === 'interrupted') return;
    if (place.landed !== undefined) await finish(place.landed);
    else polecat.life = opened(polecat.life, place);
  }

  async function step(): Promise<void> {
    const { clock } = polecat;
    const began = clock.now();
    polecat.began = began;
    switch (polecat.life.todo) {
      case 'open':
        return open();
      case 'compose': {
        // A reply that is there already costs nothing more, and says nothing of circles before it was tried.
        if (takeSpare(polecat.life) === undefined) {
          await checkLimits();
          await breakCircle();
        }
        const rested = clock.restedMs;
        const turn = await takeTurn(polecat);
        polecat.life = worked(polecat.life, clock.now() - began - (clock.restedMs - rested));
        if (turn !== undefined) await finish(undefined);
        return;
      }
      case 'gates':
        await runGates(polecat);
        polecat.life = worked(polecat.life, clock.now() - began);
        return;
      case 'rebase':
        return rebase();
      case 'submit': {
        const seen = await review(polecat);
        // The queue's time is nobody's at work; the reviewer's is.
        if (input.craft?.review !== undefined) polecat.life = worked(polecat.life, clock.now() - began);
        if (seen !== 'passed') return;
        const verdict = await land(polecat);
        if (verdict?.outcome === 'landed') await finish(verdict.commit);
      }
    }
  }

  async function checkLimits(): Promise<void> {
    const trouble = waitingFor(polecat.trouble)?.failure;
    const limit = limitOf(polecat.life, beadKey(input.ref), input.ladder.length, trouble);
    if (limit.kind === 'blocked') throw blocked(polecat, limit.failure);
    if (limit.kind === 'climb') await climb(climbed(polecat.life, limit.rung), 'the tries are used up');
  }

  /** Another model begins from a note and the files as they are: what the one before it was told is not its conversation. */
  async function climb(life: BeadLife, why: string): Promise<void> {
    polecat.life = life;
    if (input.craft === undefined) return;
    const said = `${polecat.model().model} takes over: ${why}`;
    const note = await polecat.writeNote(said);
    polecat.life = { ...handedOver(polecat.life, note?.noteRef, undefined), handover: said };
  }

  async function breakCircle(): Promise<void> {
    const remedy = remedyOf(polecat.life, beadKey(input.ref), input.ladder.length);
    switch (remedy.kind) {
      case 'none':
        return;
      case 'blocked':
        polecat.life = remedy.life;
        throw blocked(polecat, remedy.failure);
      case 'fresh': {
        const note = await polecat.writeNote(remedy.why);
        polecat.life = handedOver(remedy.life, note?.noteRef, undefined);
        return;
      }
      case 'climb':
        return climb(remedy.life, remedy.life.stall ?? 'circles');
      case 'nudge':
        polecat.life = remedy.life;
    }
  }

  async function rebase(): Promise<void> {
    const { base, head, attempt } = polecat.life;
    if (base === undefined || head === undefined) return open();
    polecat.enter('rebasing');
    const result = await polecat.during(() =>
      polecat.rig.rebaseBead({ ...polecat.place, base, head, attempt }),
    );
    if (result === 'interrupted') return;
    const feedback = result.outcome === 'conflict' ? result.feedback : undefined;
    polecat.life = rebased(polecat.life, { base: result.base, head: result.head, feedback });
  }

  async function handOver(): Promise<void> {
    const request = inbox.takeHandoff();
    if (request === undefined) return;
    const ladder = input.ladder.map(({ model }) => model);
    const { rung, said } = handoverOf(request, ladder, polecat.life.rung);
    const note = await noteOf(polecat, said);
    polecat.life = { ...handedOver(polecat.life, note?.noteRef, rung), handover: said };
  }

  async function park(): Promise<never> {
    // Handed over out of the queue and then stopped: what still waits there must not land behind a parked bead's back.
    const verdict = await polecat.withdraw();
    if (verdict?.outcome === 'landed') return finish(verdict.commit);
    polecat.submitted = undefined;
    // Stopped before there was a worktree: there is nothing to note.
    if (polecat.life.base !== undefined) {
      const note = await polecat.writeNote(inbox.shutdown?.reason ?? 'stopped');
      if (note !== undefined) polecat.life = { ...polecat.life, noteRef: note.noteRef, head: note.head };
    }
    // Told first: whoever sees the bead parked may resume it at once, through its epic.
    await tellEpicMoved(polecat, 'parked');
    polecat.enter('parked');
    await condition(allHandlersFinished);
    parking = true;
    // A waiting history is a few events long, so that newer code can replay it (DESIGN §4 Change).
    return continueAsNew<typeof bead>({
      ...input,
      parked: true,
      handoff: inbox.handoff,
      resume: inbox.resume,
      carried: { life: toldSo(polecat.life, inbox.takeTold()), bornAt: polecat.bornAt },
    });
  }

  async function waitForResume(): Promise<void> {
    polecat.enter('parked');
    await condition(() => inbox.resume !== undefined);
    polecat.life = resumed(polecat.life, inbox.takeResume()?.raise ?? {});
    await tellEpicMoved(polecat, 'working');
  }

  async function finish(commit: string | undefined): Promise<never> {
    const landed = polecat.landed(commit);
    polecat.enter('landed');
    // Before clean-up, which is on nobody's critical path: dependents may start now.
    await CancellationScope.nonCancellable(() => tellEpicLanded(polecat, landed));
    throw new BeadEnd(landed);
  }

  /** Cancelled, blocked or failed: it ends out of the queue, and with its books told. */
  async function endUnlanded(error: unknown): Promise<BeadLanded> {
    const verdict = await CancellationScope.nonCancellable(() => polecat.withdraw());
    // The landing had begun when the end came: done is done (G1).
    if (verdict?.outcome === 'landed') {
      const result = polecat.landed(verdict.commit);
      polecat.enter('landed');
      await CancellationScope.nonCancellable(() => tellEpicLanded(polecat, result));
      return result;
    }
    if (isCancellation(error)) {
      polecat.enter('cancelled');
      // A cancellation carries no details: what was spent has to be told before it (G7).
      await CancellationScope.nonCancellable(() => tellEpicMoved(polecat, 'cancelled'));
    }
    throw error;
  }
}
