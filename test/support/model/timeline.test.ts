import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HostEvent, readTimeline } from './timeline.ts';

const event = (at: number, name: HostEvent['event'], more: Partial<HostEvent> = {}): HostEvent => ({
  ...{ at, event: name, model: 'a', resident: [], inUse: 0 },
  ...more,
});

test('a swap between two calls: what each slot did, and why it was idle', () => {
  const [a, b] = [{ resident: ['a'] }, { model: 'b', resident: ['b'] }];
  const events = [
    event(0, 'chat', { ...a, call: 1 }),
    event(0, 'begin', { ...a, call: 1 }),
    event(10, 'chatEnd', { ...a, call: 1 }),
    event(12, 'leaving', a),
    event(15, 'unloaded'),
    event(15, 'load', { model: 'b' }),
    event(20, 'loaded', b),
    event(22, 'chat', { ...b, call: 2 }),
    event(22, 'begin', { ...b, call: 2 }),
    event(30, 'chatEnd', { ...b, call: 2 }),
  ];
  expect(readTimeline(events, { slots: 2, scale: 10 })).toEqual({
    ...{ spanMs: 300, calls: 2, strangers: 0, refused: 0, loads: 1, swaps: 1, mostInUse: 0 },
    ...{ swapMs: 80, busyMs: 180, slotBusyMs: 180, slotBusyRatio: 18 / 60 },
    idleMs: { swapping: 160, empty: 0, noCall: 260 },
  });
});

test('every slot’s time is busy or idle for one reason, whatever was seen', () => {
  const names = ['begin', 'chatEnd', 'load', 'loaded', 'leaving', 'unloaded', 'evicted', 'chat'] as const;
  const line = fc.record({
    gap: fc.nat(50),
    name: fc.constantFrom(...names),
    call: fc.nat(5),
    resident: fc.subarray(['a', 'b']),
  });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.integer({ min: 1, max: 4 }), (lines, slots) => {
      let at = 0;
      const events = lines.map(({ gap, name, call, resident }) =>
        event((at += gap), name, { call, resident }),
      );
      const { slotBusyMs, idleMs, spanMs, busyMs, swapMs, slotBusyRatio } = readTimeline(events, { slots });
      expect(slotBusyMs + idleMs.swapping + idleMs.empty + idleMs.noCall).toBeCloseTo(spanMs * slots);
      expect(Math.max(busyMs, swapMs)).toBeLessThanOrEqual(spanMs);
      expect(slotBusyRatio).toBeLessThanOrEqual(1);
    }),
  );
});
