import { expect, test } from 'vitest';
import { reduceRefinery } from '../../../../../workflows/domain/queue/mergeQueue.ts';
import { initialRefinery, type RefineryState } from '../../../../../workflows/domain/queue/refineryState.ts';
import { dutyOf } from '../../../../../workflows/domain/refinery/book/duty.ts';
import { standingIn, statusOfBook } from '../../../../../workflows/domain/refinery/book/status.ts';
import { bookOf } from '../../../../../workflows/domain/refinery/book/takenOver.ts';
import { submissionOf } from './world.ts';

const old = (...events: Parameters<typeof reduceRefinery>[1][]): RefineryState =>
  events.reduce(
    (state, event) => reduceRefinery(state, event).state,
    initialRefinery('rig', 'main', undefined),
  );

test('Q1: a queue that took one group after the other loses nobody when it begins to plan its tests', () => {
  const [first, second, gone] = [submissionOf(1), submissionOf(2), submissionOf(3)];
  const state = old(
    ...[first, second, gone].map((submission) => ({ kind: 'submitted', submission }) as const),
    { kind: 'withdrawn', id: gone, workflowId: gone.workflowId },
  );
  const book = bookOf(state, 7);
  expect(book.entries.map(({ submission, look }) => [submission.bead, look])).toEqual([
    [first.bead, 'new'],
    [second.bead, 'new'],
  ]);
  expect(standingIn(book, first)).toBe('queued');
  expect(standingIn(book, gone)).toBe('settled');
  expect(dutyOf(book)).toEqual({ kind: 'look' });
  expect(new Set(book.entries.map(({ id }) => id)).size).toBe(2);
  expect(book.nextId).toBeGreaterThan(Math.max(...book.entries.map(({ id }) => id)));
});

test('a pause that a person set stands', () => {
  const book = bookOf(old({ kind: 'paused', reason: 'lunch' }), 7);
  expect(dutyOf(book)).toEqual({ kind: 'wait', lookAgain: false });
  expect(statusOfBook(book).stopped?.what).toContain('lunch');
});
