import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseOpen, type ModelDemand } from '../../../../workflows/domain/host/residency.ts';

const demand = (model: string, over: Partial<ModelDemand> = {}): ModelDemand => ({
  model,
  waiting: 0,
  waitedMs: 0,
  running: 0,
  usable: true,
  ...over,
});

describe('which models of a host are open', () => {
  test('one model: always, unless it rests after a failure', () => {
    expect(chooseOpen(false, [], [demand('a')])).toEqual(['a']);
    expect(chooseOpen(false, [], [demand('a', { usable: false, waiting: 3 })])).toEqual([]);
  });

  test('the present one stays as long as it has work', () => {
    const b = demand('b', { waiting: 9, waitedMs: 60_000 });
    expect(chooseOpen(false, ['a'], [demand('a', { running: 1 }), b])).toEqual(['a']);
    expect(chooseOpen(false, ['a'], [demand('a', { waiting: 1 }), b])).toEqual(['a']);
    expect(chooseOpen(false, ['a'], [demand('a'), b])).toEqual(['b']);
  });

  test('the one whose call waits longest comes next', () => {
    const demands = [
      demand('a'),
      demand('b', { waiting: 9, waitedMs: 10 }),
      demand('c', { waiting: 1, waitedMs: 20 }),
    ];
    expect(chooseOpen(false, ['a'], demands)).toEqual(['c']);
  });

  test('nobody waits: all stays as it is', () => {
    expect(chooseOpen(false, ['b'], [demand('a'), demand('b')])).toEqual(['b']);
    expect(chooseOpen(false, [], [demand('a'), demand('b')])).toEqual([]);
  });

  test('a refused model keeps nobody from the host', () => {
    const demands = [
      demand('a', { waiting: 1, waitedMs: 99, usable: false }),
      demand('b', { waiting: 1, waitedMs: 1 }),
    ];
    expect(chooseOpen(false, [], demands)).toEqual(['b']);
  });

  test('co-resident models are open together', () => {
    expect(chooseOpen(true, [], [demand('a'), demand('b', { usable: false }), demand('c')])).toEqual([
      'a',
      'c',
    ]);
  });

  test('G8: never more than one of a host that holds one, never an unusable one, never idle while a usable one waits', () => {
    const demands = fc.uniqueArray(
      fc.record({
        model: fc.constantFrom('a', 'b', 'c', 'd'),
        waiting: fc.nat(3),
        waitedMs: fc.nat(1_000),
        running: fc.nat(2),
        usable: fc.boolean(),
      }),
      { selector: (one) => one.model, minLength: 1 },
    );
    fc.assert(
      fc.property(demands, fc.subarray(['a', 'b', 'c', 'd'], { maxLength: 1 }), (all, open) => {
        const chosen = chooseOpen(false, open, all);
        expect(chosen.length).toBeLessThanOrEqual(1);
        for (const key of chosen) expect(all.find((one) => one.model === key)?.usable).toBe(true);
        if (all.some((one) => one.usable && one.waiting > 0)) expect(chosen).toHaveLength(1);
      }),
    );
  });
});
