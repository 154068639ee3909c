import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  mostMarks,
  nudgeOf,
  type StallMark,
  stallOf,
  stallText,
  withMark,
} from '../../../../workflows/domain/bead/stall.ts';

const mark = (over: Partial<StallMark>): StallMark => ({
  reply: 'a',
  kind: 'gates',
  result: 'test: 1 is not 2',
  tree: 't1',
  ...over,
});
const refusal = (reply: string, result: string): StallMark =>
  mark({ reply, kind: 'malformed', result, tree: '' });
const marksOf = (...marks: readonly StallMark[]): readonly StallMark[] =>
  marks.reduce<readonly StallMark[]>(withMark, []);
const red = (reply: string, tree: string, result = `failure of ${tree}`): StallMark =>
  mark({ reply, tree, result });

describe('a polecat goes in circles', () => {
  test('when it gives the same reply twice in a row, whatever came of it', () => {
    expect(stallOf(marksOf(red('a', 't1'), red('a', 't2')))).toEqual({ rule: 'sameReply', times: 2 });
    expect(stallOf(marksOf(refusal('a', 'x'), refusal('a', 'x'), refusal('a', 'x')))).toEqual({
      rule: 'sameReply',
      times: 3,
    });
  });

  test('when two replies take turns', () => {
    const turns = ['a', 'b', 'a', 'b'].map((reply, at) => red(reply, `t${at}`));
    expect(stallOf(marksOf(...turns))).toEqual({ rule: 'alternation', times: 4 });
    expect(stallOf(marksOf(...turns.slice(0, 3)))).toBeUndefined();
  });

  test('when other words lead to files that were red before', () => {
    expect(stallOf(marksOf(red('a', 't1'), red('b', 't2'), red('c', 't1')))).toEqual({
      rule: 'sameFiles',
      times: 2,
    });
  });

  test('when three different attempts end with the same failure, though its times and hashes differ', () => {
    const failed = (reply: string, ms: number): StallMark =>
      red(reply, `t${reply}`, `test: parses names (${ms} ms): at 0x${ms}ff: expected 2, got 1`);
    expect(stallOf(marksOf(failed('a', 12), failed('b', 7), failed('c', 31)))).toEqual({
      rule: 'sameFailure',
      times: 3,
    });
  });

  test('when three replies have the same fault of form, or two have no end', () => {
    expect(
      stallOf(marksOf(refusal('a', 'no path'), refusal('b', 'no path'), refusal('c', 'no path'))),
    ).toEqual({
      rule: 'sameFault',
      times: 3,
    });
    const endless = mark({ reply: '', kind: 'length', result: 'no end', tree: '' });
    expect(stallOf(marksOf(endless, endless))).toEqual({ rule: 'endless', times: 2 });
  });
});

test('turns that differ in reply, files and failure are no circle, however many there are', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.stringMatching(/^[g-z]{3,9}$/), { maxLength: 20 }), (names) => {
      const marks = marksOf(...names.map((name) => red(`reply ${name}`, `tree ${name}`, `failed: ${name}`)));
      expect(stallOf(marks)).toBeUndefined();
    }),
  );
});

test('numbers that move are progress: only what means nothing is taken out of a result', () => {
  const failed = (reply: string, count: number): StallMark =>
    red(reply, `t${reply}`, `test: ${count} of 9 cases failed`);
  expect(stallOf(marksOf(failed('a', 5), failed('b', 4), failed('c', 3)))).toBeUndefined();
});

test('only so many marks are kept, and whatever they are, there is a word for it', () => {
  const anyMark = fc.record({
    reply: fc.constantFrom('', 'a', 'b', 'c'),
    kind: fc.constantFrom('gates', 'malformed', 'length'),
    result: fc.constantFrom('', 'x', 'y'),
    tree: fc.constantFrom('', 't1', 't2'),
  });
  fc.assert(
    fc.property(fc.array(anyMark, { maxLength: 30 }), (turns) => {
      const marks = marksOf(...turns);
      expect(marks.length).toBeLessThanOrEqual(mostMarks);
      const stall = stallOf(marks);
      if (stall === undefined) return;
      expect(stall.times).toBeGreaterThanOrEqual(2);
      expect(nudgeOf(stall).length).toBeGreaterThan(20);
      expect(stallText(stall)).toContain(`${stall.times} times`);
    }),
  );
});

test('replies that change nothing are a circle of their own, and nobody is told to mend their form', () => {
  const nothing = (reply: string, result: string): StallMark =>
    mark({ reply, kind: 'unchanged', result, tree: '' });
  const stall = stallOf(
    marksOf(nothing('a', 'leaves the files'), nothing('b', 'says nothing to change'), nothing('c', 'again')),
  );
  expect(stall).toEqual({ rule: 'unchanged', times: 3 });
  expect(stall && nudgeOf(stall)).not.toContain('form');
  expect(stall && stallText(stall)).toBe('replies that change nothing, 3 times');
});
