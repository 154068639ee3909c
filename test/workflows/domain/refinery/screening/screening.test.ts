import { describe, expect, test } from 'vitest';
import { emptyQueue, fold } from '../../../../../workflows/domain/refinery/screening/fold.ts';
import { plan } from '../../../../../workflows/domain/refinery/screening/plan.ts';
import type {
  Branch,
  Decision,
  Outcome,
  Policy,
  QueueEvent,
  QueueState,
} from '../../../../../workflows/domain/refinery/screening/queue.ts';

const passed: Outcome = { kind: 'passed' };
const failed: Outcome = { kind: 'failed', tests: [] };

/** A queue that is told what happens, and asked what to do. */
const queueOf = (slots: number, policy: Partial<Policy> = {}) => {
  let state: QueueState = emptyQueue(slots, { namesTests: false, flakeRate: 0, badShare: 0.05, ...policy });
  const hear = (event: QueueEvent): void => {
    state = fold(state, event);
  };
  return {
    state: () => state,
    hear,
    arrive: (...branches: Partial<Branch>[]) => {
      for (const [index, branch] of branches.entries()) {
        hear({ kind: 'arrived', at: state.now, branch: { id: index, arrivedAt: state.now, ...branch } });
      }
    },
    /** Asks, and carries out what it says: the ids of what started. */
    decide: (): Decision & { readonly ids: readonly number[] } => {
      const decision = plan(state);
      const ids = decision.start.map((_, index) => state.nextRun + index);
      hear({ kind: 'decided', at: state.now, decision });
      if (decision.land !== undefined) hear({ kind: 'landed', at: state.now, run: decision.land });
      if (decision.reject.length > 0) {
        hear({ kind: 'left', at: state.now, branches: decision.reject.map(({ branch }) => branch) });
      }
      return { ...decision, ids };
    },
    end: (run: number | undefined, outcome: Outcome, at = state.now + 1) =>
      hear({ kind: 'ended', at, run: run ?? -1, outcome }),
  };
};

describe('a branch', () => {
  test('I4: goes back after two failures alone on current main, with both as evidence, and not after one', () => {
    const queue = queueOf(1);
    queue.arrive({});
    const first = queue.decide();
    expect(first.start).toEqual([expect.objectContaining({ members: [0] })]);
    queue.end(first.ids[0], failed);
    const second = queue.decide();
    expect(second.reject).toEqual([]);
    queue.end(second.ids[0], failed);
    expect(queue.decide().reject).toEqual([{ branch: 0, runs: [first.ids[0], second.ids[0]] }]);
  });

  test('that passes after a failure lands: the failure was a flake', () => {
    const queue = queueOf(1);
    queue.arrive({});
    queue.end(queue.decide().ids[0], failed);
    const again = queue.decide();
    queue.end(again.ids[0], passed);
    expect(queue.decide().land).toBe(again.ids[0]);
    expect(queue.state().waiting).toEqual([]);
  });

  test('is tested again when the machine failed, which says nothing of it', () => {
    const queue = queueOf(1);
    queue.arrive({});
    queue.end(queue.decide().ids[0], { kind: 'broken' });
    expect(queue.decide().start.map(({ members }) => members)).toEqual([[0]]);
    expect(queue.state().waiting[0]?.loneFailures).toEqual([]);
  });

  test('is never tested together with one that it does not merge with, whichever of the two says so', () => {
    const queue = queueOf(3);
    queue.arrive({}, { conflicts: [0] }, {});
    for (const { members } of queue.decide().start)
      expect(members).not.toEqual(expect.arrayContaining([0, 1]));
  });
});

describe('main', () => {
  test('I1: gets nothing that passed on what is no longer main', () => {
    const queue = queueOf(1);
    queue.arrive({});
    const { ids } = queue.decide();
    queue.hear({ kind: 'moved', at: 1, footprint: undefined, tested: true });
    queue.end(ids[0], passed);
    const next = queue.decide();
    expect(next.land).toBeUndefined();
    expect(next.start).toEqual([expect.objectContaining({ members: [0] })]);
  });

  test('I5: that was moved by somebody else is tested itself, and meanwhile nobody goes back', () => {
    const queue = queueOf(2);
    queue.arrive({});
    queue.end(queue.decide().ids[0], failed);
    queue.hear({ kind: 'moved', at: queue.state().now, footprint: undefined });
    const doubted = queue.decide();
    expect(doubted.start[0]).toEqual({ members: [], purpose: 'base' });
    queue.end(doubted.ids[1], failed);
    expect(queue.decide().reject).toEqual([]);
    queue.end(doubted.ids[0], passed);
    expect(queue.decide().reject).toEqual([expect.objectContaining({ branch: 0 })]);
  });

  test('I5: red twice stops the queue, takes back what was said of branches, and lands a hotfix that mends it', () => {
    const queue = queueOf(2);
    queue.arrive({});
    queue.hear({ kind: 'moved', at: 0, footprint: undefined });
    for (let run = 0; run < 2; run++) {
      const { start, ids } = queue.decide();
      const base = start.findIndex(({ purpose }) => purpose === 'base');
      for (const [at, id] of ids.entries()) if (at !== base) queue.end(id, failed);
      queue.end(ids[base], failed);
    }
    const red = queue.decide();
    expect(red).toMatchObject({ redBase: true, start: [], reject: [] });
    expect(queue.state().waiting[0]?.loneFailures).toEqual([]);

    queue.arrive({ id: 7, hotfix: true });
    const mending = queue.decide();
    expect(mending.start).toEqual([{ members: [7], purpose: 'lone' }]);
    queue.end(mending.ids[0], passed);
    expect(queue.decide().land).toBe(mending.ids[0]);
    expect(plan(queue.state()).redBase).toBeUndefined();
  });

  test('is asked itself when nothing has passed for long and several branches failed alone', () => {
    const queue = queueOf(4, { usualRun: 1 });
    queue.arrive({ id: 9 });
    queue.end(queue.decide().ids[0], passed);
    queue.decide();
    queue.arrive({}, {}, {}, {});
    for (let round = 0; round < 8; round++) {
      const { reject, ids, start } = queue.decide();
      if (start.some(({ purpose }) => purpose === 'base')) return;
      expect(reject.length).toBeLessThan(4);
      for (const id of ids) queue.end(id, failed, queue.state().now + 0.8);
    }
    expect.unreachable('main was never asked');
  });
});

describe('the Overseer', () => {
  test('pauses the queue: nothing starts, lands or goes back', () => {
    const queue = queueOf(2, { paused: true });
    queue.arrive({}, {});
    expect(plan(queue.state())).toEqual({ reject: [], cancel: [], start: [], convict: [] });
  });

  test('closes it below a priority', () => {
    const queue = queueOf(4, { leastPriority: 5 });
    queue.arrive({ priority: 1 }, { priority: 5 });
    const members = queue.decide().start.flatMap((start) => start.members);
    expect(new Set(members)).toEqual(new Set([1]));
  });

  test('sends a hotfix: it takes the slot of the youngest run, and nothing lands before it', () => {
    const queue = queueOf(2);
    queue.arrive({}, {});
    const { ids } = queue.decide();
    queue.arrive({ id: 9, hotfix: true });
    const urgent = queue.decide();
    expect(urgent.start).toEqual([{ members: [9], purpose: 'lone' }]);
    const [kept] = ids.filter((id) => !urgent.cancel.includes(id));
    queue.end(kept, passed);
    expect(queue.decide().land).toBeUndefined();
    queue.end(urgent.ids[0], passed);
    expect(queue.decide().land).toBe(urgent.ids[0]);
  });
});

describe('under light load', () => {
  test('each branch is tested on top of those under way, and lands as soon as it passed', () => {
    const queue = queueOf(16);
    const runs: (number | undefined)[] = [];
    for (let id = 0; id < 4; id++) {
      queue.hear({ kind: 'arrived', at: id / 10, branch: { id, arrivedAt: id / 10 } });
      const { start, ids } = queue.decide();
      const own = start.findIndex(({ members }) => members.includes(id) && members.length === id + 1);
      expect(start[own]?.members).toEqual(Array.from({ length: id + 1 }, (_, ahead) => ahead));
      runs.push(ids[own]);
    }
    for (const [id, run] of runs.entries()) {
      queue.end(run, passed, 1 + id / 10);
      expect(queue.decide().land).toBe(run);
      queue.decide();
    }
    expect(queue.state().waiting).toEqual([]);
  });
});
