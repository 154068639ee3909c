import { expect, test } from 'vitest';
import { createCallLog } from '../../../activities/models/callLog.ts';

const bead = { convoy: 'c', epic: 'e', bead: 'b' };

test('a call runs until it ends, once, and is told with what it took', () => {
  let changes = 0;
  const log = createCallLog(() => (changes += 1));
  const end = log.begin('coder', { bead });
  expect(log.running()).toMatchObject([{ model: 'coder', bead: 'c/e/b', role: 'polecat' }]);
  end(true);
  end(false);
  expect(log.running()).toEqual([]);
  expect(log.ended()).toMatchObject([{ bead: 'c/e/b', failed: true }]);
  expect(log.ended()[0]?.ms).toBeGreaterThanOrEqual(0);
  expect(changes).toBe(2);
});

test('what was told is told no more, and what ended while it was told still is, even where there was no room for all', () => {
  const log = createCallLog(() => undefined);
  const ends = (from: number, count: number): void => {
    for (let n = from; n < from + count; n += 1) log.begin(`m${n}`, { bead, role: 'reviewer' })(false);
  };
  ends(0, 300);
  const told = log.ended();
  expect(told).toHaveLength(200);
  expect(told[0]?.model).toBe('m100');
  ends(300, 5);
  log.told(told);
  expect(log.ended().map(({ model }) => model)).toEqual(['m300', 'm301', 'm302', 'm303', 'm304']);
});

test('calls that a closing gate sent back are counted', () => {
  const log = createCallLog(() => undefined);
  log.noteSentBack();
  log.noteSentBack();
  expect(log.sentBack()).toBe(2);
});
