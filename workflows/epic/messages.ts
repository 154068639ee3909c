import { setHandler } from '@temporalio/workflow';
import type { BeadSpec } from '../domain/bead/bead.ts';
import { raiseFault } from '../domain/budget/allowance.ts';
import { holdDependents, newBead, retryFault, startAgain } from '../domain/epicBoard.ts';
import {
  beadMovedShape,
  beadSpecs,
  handoffShape,
  landedShape,
  reasonShape,
  resumeShape,
  retryShape,
  shutdownShape,
} from '../domain/messageShapes.ts';
import { checkGraph, graphFaultText } from '../domain/plan/graph.ts';
import {
  addBeads,
  beadMoved,
  type Handoff,
  handoff,
  landed,
  pause,
  type Raise,
  resume,
  retryBead,
  type Shutdown,
  setMaxParallel,
  shutdown,
} from '../messages.ts';
import { receive, refused, refuseUnfit } from '../receive.ts';
import type { EpicDesk } from './desk.ts';
import { toOpenBeads } from './openBeads.ts';
import { tellSpending } from './purse.ts';
import { noteLanded } from './run.ts';

/** Registers the epic's handlers. Validators refuse before anything is written to the history. */
export const handleEpicMessages = (desk: EpicDesk): void => {
  const { board } = desk;
  const changed = (): void => {
    desk.version++;
  };

  receive(landed, landedShape, (result) => {
    const one = board.get(result.bead.split('/').at(-1) ?? '');
    if (one === undefined) return;
    noteLanded(one, result);
    changed();
  });

  receive(beadMoved, beadMovedShape, ({ bead, state, spent }) => {
    const one = board.get(bead);
    if (one === undefined || one.state === 'landed') return;
    one.spent = spent ?? one.spent;
    // Its end is noted when it has ended.
    if (state === 'cancelled') return;
    one.state = state;
    if (state === 'parked') one.continued = true;
    if (state === 'working') one.resuming = undefined;
    tellSpending(desk);
    changed();
  });

  setHandler(
    pause,
    ({ reason }) => {
      desk.paused = reason;
      changed();
      return 'paused: nothing new starts, what runs goes on';
    },
    {
      description: 'Starts nothing new',
      validator: (request: { readonly reason: string }) => refuseUnfit('pause', reasonShape, request),
    },
  );

  setHandler(
    resume,
    ({ raise }) => {
      const wasStopping = desk.stopping !== undefined;
      desk.paused = undefined;
      desk.stopping = undefined;
      let count = 0;
      for (const one of board.values()) {
        // A bead that is still finishing its turn parks after it, and then goes on like the others.
        const willPark = wasStopping && one.state === 'working';
        if (one.state !== 'parked' && !willPark) continue;
        one.resuming = raise === undefined ? {} : { raise };
        count++;
      }
      changed();
      return `going on; parked beads to resume: ${count}`;
    },
    {
      description: 'Ends a pause or stop and resumes every parked bead',
      // An unsound raise would be refused by every bead, after the epic has counted them as at work.
      validator: (request: { readonly raise?: Raise }) => {
        refuseUnfit('resume', resumeShape, request);
        const fault = raiseFault(request.raise);
        if (fault !== undefined) refuse(fault);
      },
    },
  );

  setHandler(
    setMaxParallel,
    (count) => {
      desk.maxParallel = count;
      changed();
      return count;
    },
    {
      description: 'How many beads may be at work at once',
      validator: (count: number) => {
        if (!Number.isInteger(count) || count < 1 || count > 1_000) {
          refuse(`Parallel beads must be a whole number from 1 to 1000, not ${count}.`);
        }
      },
    },
  );

  setHandler(
    retryBead,
    ({ bead, raise }) => {
      const one = board.get(bead);
      if (one === undefined) return '';
      changed();
      if (one.state === 'parked') {
        one.resuming = raise === undefined ? {} : { raise };
        return `${bead} goes on when a slot is free`;
      }
      startAgain(one, raise);
      holdDependents(board);
      return `${bead} starts again when a slot is free`;
    },
    {
      description: 'Starts a blocked or cancelled bead again, or resumes a parked one',
      validator: (request: { readonly bead: string; readonly raise?: Raise }) => {
        refuseUnfit('retryBead', retryShape, request);
        const { bead, raise } = request;
        const fault = raiseFault(raise);
        if (fault !== undefined) refuse(fault);
        const one = board.get(bead);
        if (one === undefined) {
          return refuse(`This epic has no bead "${bead}". It has: ${[...board.keys()].join(', ')}`);
        }
        const cannot = retryFault(one);
        if (cannot !== undefined) refuse(cannot);
      },
    },
  );

  setHandler(
    addBeads,
    (specs) => {
      for (const spec of specs) board.set(spec.id, newBead(spec, desk.input.settings.caps));
      holdDependents(board);
      changed();
      return specs.map(({ id }) => id);
    },
    {
      description: 'Adds beads to the running epic; they may need old ones and each other',
      validator: (specs: readonly BeadSpec[]) => {
        refuseUnfit('addBeads', beadSpecs, specs);
        if (specs.length === 0) refuse('Give at least one bead.');
        const nodes = [...[...board.values()].map(({ spec }) => spec), ...specs];
        const faults = checkGraph(nodes);
        if (faults.length > 0) refuse(faults.map(graphFaultText).join('; '));
      },
    },
  );

  receive(shutdown, shutdownShape, async (request: Shutdown) => {
    desk.stopping = request;
    changed();
    await toOpenBeads(desk, (bead) => bead.signal(shutdown, request));
  });

  receive(handoff, handoffShape, (request: Handoff) =>
    toOpenBeads(desk, (bead) => bead.signal(handoff, request)),
  );
};

const refuse = (text: string): never => {
  throw refused(text);
};
