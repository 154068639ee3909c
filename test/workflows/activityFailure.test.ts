import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { failureFrom, overdue, restOf } from '../../workflows/activityFailure.ts';

const failed = (cause: Error): ActivityFailure =>
  new ActivityFailure('Activity task failed', 'runGates', '7', 'MAXIMUM_ATTEMPTS_REACHED', '', cause);

const timeout = (type: 'HEARTBEAT' | 'START_TO_CLOSE'): ActivityFailure =>
  failed(new TimeoutFailure(`activity ${type} timeout`, { host: 'pit' }, type));

test('G10: a call whose worker was lost says so, and not that git failed', () => {
  expect(failureFrom(timeout('HEARTBEAT'))).toMatchObject({
    type: 'WorkerLost',
    what: 'runGates: no worker finished the call.',
    next: expect.stringContaining('gt status'),
  });
});

test('G10: a call that was not finished in its time says that, and its last beat is known', () => {
  expect(failureFrom(timeout('START_TO_CLOSE'))).toMatchObject({
    type: 'WorkerLost',
    what: 'runGates: the call was not finished in its time.',
  });
  expect(overdue(timeout('START_TO_CLOSE'))).toEqual({ lastBeat: { host: 'pit' } });
  expect(overdue(timeout('HEARTBEAT'))).toBeUndefined();
});

test('a failure that an activity has put into three parts is passed on as it is', () => {
  const failure = { type: 'PushRefused', what: 'w', evidence: 'e', next: 'n' };
  const thrown = ApplicationFailure.create({ type: 'PushRefused', message: 'w', details: [failure] });
  expect(failureFrom(failed(thrown))).toEqual(failure);
  expect(overdue(failed(thrown))).toBeUndefined();
});

test('a host that asks to be left alone for a while is heard', () => {
  const progress = { usage: { calls: 1 }, host: 'pit', retryAfterMs: 30_000 };
  const busy = ApplicationFailure.create({ type: 'HostBusy', message: 'w', details: [{}, progress] });
  expect(restOf(failed(busy))).toBe(30_000);
  expect(restOf(timeout('HEARTBEAT'))).toBe(0);
});
