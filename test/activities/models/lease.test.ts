import { describe, expect, test } from 'vitest';
import { holdLease, type LeaseEnd } from '../../../activities/models/lease.ts';
import { createSlots } from '../../../activities/models/slots.ts';

const ended = async (signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
};

describe('the lease of a host', () => {
  test('is held as long as the server says so', async () => {
    let beats = 0;
    let third = (): void => undefined;
    const renewed = new Promise<void>((resolve) => (third = resolve));
    const lease = holdLease({
      timeoutMs: 100,
      renew: async () => {
        beats += 1;
        if (beats === 6) third();
        return 'held';
      },
    });
    await renewed;
    expect(lease.isFresh()).toBe(true);
    lease.release();
    expect(lease.isFresh()).toBe(false);
    expect(lease.ended()).toBe('released');
    expect(lease.lost.aborted).toBe(false);
  });

  test.each(['lost', 'cancelled'] as const)(
    'ends at once when the server calls it %s',
    async (answer: LeaseEnd & ('lost' | 'cancelled')) => {
      const lease = holdLease({ timeoutMs: 60_000, renew: async () => answer });
      await ended(lease.signal);
      expect(lease.ended()).toBe(answer);
      expect(lease.isFresh()).toBe(false);
      expect(lease.lost.aborted).toBe(answer === 'lost');
    },
  );

  test('G8: ends before the server gives it to another when the server cannot be reached', async () => {
    const started = performance.now();
    const lease = holdLease({
      timeoutMs: 200,
      renew: async () => {
        throw new Error('unreachable');
      },
    });
    await ended(lease.lost);
    expect(lease.ended()).toBe('lost');
    expect(performance.now() - started).toBeLessThan(400);
  });

  test('G8: is stale after the process was stopped for a while, before any timer has run', async () => {
    const lease = holdLease({ timeoutMs: 100, renew: async () => 'held' });
    const until = performance.now() + 150;
    while (performance.now() < until);
    expect(lease.isFresh()).toBe(false);
    lease.release();
  });
});

describe('places on a host', () => {
  test('are given in order, and never more than there are', async () => {
    const slots = createSlots(1);
    const order: number[] = [];
    const never = new AbortController().signal;
    const first = await slots.enter(never);
    const second = slots.enter(never).then((leave) => {
      order.push(2);
      leave();
    });
    const third = slots.enter(never).then((leave) => {
      order.push(3);
      leave();
    });
    expect(order).toEqual([]);
    first();
    first();
    await Promise.all([second, third]);
    expect(order).toEqual([2, 3]);
    (await slots.enter(never))();
  });

  test('are not waited for by a call that was cancelled', async () => {
    const slots = createSlots(1);
    const abort = new AbortController();
    const leave = await slots.enter(abort.signal);
    const waiting = slots.enter(abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    leave();
    (await slots.enter(new AbortController().signal))();
  });
});
