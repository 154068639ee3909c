import { expect, test } from 'vitest';
import type { BeadLine } from '../../../../workflows/domain/report/report.ts';
import { waitsForText } from '../../../../workflows/domain/report/waitsFor.ts';

const line = (bead: string, state: BeadLine['state'], needs: readonly string[] = []): BeadLine => ({
  ...{ bead, state, needs, title: bead, wave: 0, commit: undefined, nothingToChange: false },
  ...{ polecat: '', model: '', turns: 0, tokens: 0, ms: 0, failure: undefined },
});

test('G10: a bead that has not started says what it needs, then what holds its epic, then that there is no slot', () => {
  const [one, two] = [line('one', 'working'), line('two', 'pending', ['one'])];
  const board = { beads: [one, two], paused: 'no tokens left: gt budget raise c N', maxParallel: 1 };
  expect(waitsForText(two, board)).toBe('one to land');
  const free = line('free', 'pending', ['done']);
  const beads = [one, free, line('done', 'landed')];
  expect(waitsForText(free, { ...board, beads })).toBe('no tokens left: gt budget raise c N');
  expect(waitsForText(free, { ...board, beads, paused: undefined })).toBe('a slot: 1 of 1 beads are at work');
  expect(waitsForText(free, { beads, paused: undefined, maxParallel: 2 })).toBeUndefined();
  expect(waitsForText(one, board)).toBeUndefined();
});
