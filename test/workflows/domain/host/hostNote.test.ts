import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterNote,
  type HostNote,
  noSwapYet,
  type Swap,
} from '../../../../workflows/domain/host/hostNote.ts';

type Step = Omit<HostNote, 'at'>;

const swapsIn = (steps: readonly Step[]): readonly Swap[] => {
  let state = noSwapYet;
  return steps.flatMap((step) => {
    const after = afterNote(state, { at: 0, ...step });
    state = after.state;
    return after.swap ?? [];
  });
};
const opens = (...models: string[]): Step => ({ kind: 'opens', models });
const closes = (...models: string[]): Step => ({ kind: 'closes', models });
const unloads = (model: string, ms: number): Step => ({ kind: 'unload-ends', models: [model], ms });
const loads = (model: string, ms: number): Step => ({ kind: 'load-ends', models: [model], ms });

test('one model for another is a swap, as long as the server was at work on it', () => {
  expect(
    swapsIn([loads('a', 9), opens('a'), closes('a'), unloads('a', 17), loads('b', 22), opens('b')]),
  ).toEqual([{ from: ['a'], to: ['b'], ms: 39 }]);
});

test('the first model of a lease, one more beside it, and one that failed and came back are no swaps', () => {
  expect(swapsIn([{ kind: 'leased', models: [] }, opens('a')])).toEqual([]);
  expect(swapsIn([opens('a'), opens('b')])).toEqual([]);
  expect(swapsIn([opens('a'), closes('a'), loads('a', 5), opens('a')])).toEqual([]);
  expect(swapsIn([opens('a', 'b'), closes('a', 'b'), opens('a'), opens('b')])).toEqual([]);
  expect(swapsIn([opens('a'), closes('a'), { kind: 'leased', models: [] }, opens('b')])).toEqual([]);
});

test('two models that give way to one, and one to two, are one swap', () => {
  expect(swapsIn([opens('a', 'b'), closes('a'), closes('b'), opens('c')])).toHaveLength(1);
  expect(swapsIn([opens('a'), closes('a'), opens('b'), opens('c')])).toHaveLength(1);
});

test('there are never more swaps than openings, nor than closings', () => {
  const step = fc.record({
    kind: fc.constantFrom('opens' as const, 'closes' as const, 'load-ends' as const, 'leased' as const),
    models: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
    ms: fc.nat(100),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const swaps = swapsIn(steps);
      const count = (kind: string): number => steps.filter((one) => one.kind === kind).length;
      expect(swaps.length).toBeLessThanOrEqual(Math.min(count('opens'), count('closes')));
      for (const { from, to } of swaps) expect(from.filter((model) => to.includes(model))).toEqual([]);
      const worked = steps.reduce((sum, { kind, ms }) => sum + (kind === 'load-ends' ? ms : 0), 0);
      expect(swaps.reduce((sum, { ms }) => sum + ms, 0)).toBeLessThanOrEqual(worked);
    }),
  );
});
