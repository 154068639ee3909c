import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostDecision } from '../../../../workflows/domain/fleet/fleet.ts';
import type { HostSwap } from '../../../../workflows/domain/fleet/hostReport.ts';
import { explained, followed, type Orders, ordered } from '../../../../workflows/domain/fleet/orders.ts';

const decision = (want: readonly string[], over: Partial<HostDecision> = {}): HostDecision => ({
  ...{ host: 'box', want, reason: `${want.join()} has work`, gainMs: 5_000 },
  alternatives: [{ want: ['other'], laterMs: 9_000 }],
  ...over,
});
const swapOf = (from: readonly string[], to: readonly string[], over: Partial<HostSwap> = {}): HostSwap => ({
  ...{ at: 9, from, to, drainMs: 0, unloadMs: 0, loadMs: 1 },
  ...over,
});
const told = (orders: Orders | undefined, one: HostDecision, open: readonly string[] = [], at = 1): Orders =>
  ordered(orders, one, { at, report: { open } });
const why = (orders: Orders, ...swaps: readonly HostSwap[]): (string | undefined)[] =>
  explained(orders, 'box', swaps).swaps.map((swap) => swap.why);
const ownRule = 'by the host’s own rule';

describe('the decision behind an order', () => {
  test('stays as long as later plans say the same, whatever they say of it', () => {
    const first = told(undefined, decision(['coder']), ['critic'], 10);
    const later = told(first, decision(['coder'], { reason: 'keeps coder', gainMs: 0 }), ['coder'], 20);
    expect(later['box']?.present).toEqual({
      ...{ want: ['coder'], reason: 'coder has work', gainMs: 5_000, at: 10 },
      alternatives: [{ want: ['other'], laterMs: 9_000 }],
    });
  });

  test('makes room for the next one, and for nothing where nobody follows it any more', () => {
    const both = told(told(undefined, decision(['coder'])), decision(['critic']), ['coder'], 20);
    expect(both['box']?.present).toMatchObject({ want: ['critic'], at: 20 });
    expect(followed(both, (host) => host === 'box')).toEqual(both);
    expect(followed(both, () => false)).toEqual({});
    expect(followed(undefined, () => true)).toEqual({});
  });
});

describe('the reason of a swap', () => {
  test('is that of the order in force, and once it is met that what was there has gone', () => {
    const first = explained(told(undefined, decision(['critic']), ['coder']), 'box', [
      swapOf(['coder'], ['critic']),
    ]);
    expect(first.swaps).toMatchObject([{ host: 'box', why: 'critic has work' }]);
    expect(why(first.orders, swapOf([], ['critic']))).toEqual([
      'it was no longer there, and its order stands',
    ]);
  });

  test('is that of an order that another one replaced while it was being made', () => {
    const orders = told(told(undefined, decision(['critic']), ['coder']), decision([]), ['coder']);
    expect(why(orders, swapOf(['coder'], ['critic']))).toEqual(['critic has work']);
  });

  test('is that of its order where it failed, and the host’s own rule where that stands in', () => {
    const orders = told(undefined, decision(['critic']), ['coder']);
    expect(why(orders, swapOf(['coder'], [], { failed: true }), swapOf([], ['coder']))).toEqual([
      'critic has work',
      ownRule,
    ]);
  });

  test('is the host’s own rule where nobody ordered it, and where it was about to do so anyway', () => {
    expect(why({}, swapOf([], ['coder']))).toEqual([ownRule]);
    const begun = ordered({}, decision(['coder']), {
      at: 1,
      report: { open: [], swap: { phase: 'load', to: ['coder'], since: 0 } },
    });
    expect(why(begun, swapOf([], ['coder']))).toEqual([ownRule]);
  });

  test('is there for every swap, for whatever orders', () => {
    const models = fc.subarray(['a', 'b', 'c']);
    fc.assert(
      fc.property(
        fc.array(models, { maxLength: 4 }),
        fc.array(fc.tuple(models, models, fc.constantFrom(true, undefined))),
        fc.constantFrom('box', 'constructor'),
        (wants, moved, host) => {
          const orders = wants.reduce<Orders>((all, want) => told(all, decision(want, { host })), {});
          const swaps = moved.map(([from, to, failed]) => swapOf(from, to, failed && { failed }));
          const after = explained(orders, host, swaps);
          expect(after.swaps).toHaveLength(swaps.length);
          for (const swap of after.swaps) expect(swap.why).not.toBe('');
          const present = Object.hasOwn(after.orders, host) ? after.orders[host]?.present : undefined;
          expect(present?.want).toEqual(wants.at(-1));
        },
      ),
    );
  });
});
