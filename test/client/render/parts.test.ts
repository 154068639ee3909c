import { describe, expect, test } from 'vitest';
import { amount, counted, duration } from '../../../client/render/amounts.ts';
import { createCanvas } from '../../../client/render/canvas.ts';
import { table } from '../../../client/render/table.ts';
import { cut, terminalOf, wrap } from '../../../client/render/terminal.ts';
import { transcriptLines } from '../../../client/render/transcript.ts';

describe('amounts', () => {
  test.each([
    [0, '0.0 s'],
    [9_949, '9.9 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
  ])('%i ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  test.each([
    [999, '999'],
    [1_000, '1.0k'],
    [999_940, '999.9k'],
    [999_960, '1.0M'],
    [1_234_567, '1.2M'],
  ])('%i tokens are %s', (tokens, text) => expect(amount(tokens)).toBe(text));

  test('nouns agree', () => expect([counted(1, 'bead'), counted(0, 'bead')]).toEqual(['1 bead', '0 beads']));
});

describe('tables', () => {
  const columns = [
    { title: 'name' },
    { title: 'n', align: 'right' as const },
    { title: 'what', gives: true },
  ];

  test('align columns', () => {
    expect(
      table(
        columns,
        [
          ['a', '1', 'x'],
          ['longer', '200', 'y'],
        ],
        80,
      ),
    ).toEqual(['name      n  what', 'a         1  x', 'longer  200  y']);
  });

  test('shorten only the column that gives', () => {
    const [, row] = table(columns, [['name-that-stays', '1', 'a very long text that has to give']], 32);
    expect(row).toBe('name-that-stays  1  a very long…');
  });

  test('text is cut by columns, not in the middle of a character', () => {
    expect(cut('a😀b😀', 4)).toBe('a😀…');
    expect(cut('a😀b😀', 3)).toBe('a…');
    expect(cut('a😀b😀', 6)).toBe('a😀b😀');
  });
});

describe('long lines', () => {
  test('break between words, as far in as they began and a little more', () => {
    expect(wrap('  Next: reword the task', 16)).toEqual(['  Next: reword', '    the task']);
    expect(wrap('short', 16)).toEqual(['short']);
    expect(wrap('as wide as it needs to be', Number.POSITIVE_INFINITY)).toHaveLength(1);
  });

  test('keep a command in one piece, since people copy it', () => {
    expect(wrap('Read the turns with: gt bead log demo/core/parser; then reword the task.', 40)).toEqual([
      'Read the turns with:',
      '  gt bead log demo/core/parser; then',
      '  reword the task.',
    ]);
    expect(wrap('Close it first with `gt down --grace 30` and go on.', 30)).toEqual([
      'Close it first with',
      '  `gt down --grace 30` and go',
      '  on.',
    ]);
  });

  test('a word that does not fit stays whole', () => {
    expect(wrap(`see ${'x'.repeat(40)} there`, 20)).toEqual(['see', `  ${'x'.repeat(40)}`, '  there']);
  });
});

describe('the canvas', () => {
  const drawn = (frames: readonly (readonly string[])[], rows = 24) => {
    const written: string[] = [];
    const canvas = createCanvas({ write: (text) => written.push(text), rows, columns: 10 });
    for (const frame of frames) canvas.draw(frame);
    return written;
  };

  test('writes again only what has changed', () => {
    expect(
      drawn([
        ['a', 'b'],
        ['a', 'c'],
      ])[1],
    ).toBe('\u001b[2A\n\r\u001b[2Kc\n');
  });

  test('clears what a longer frame left', () =>
    expect(drawn([['a', 'b'], ['a']])[1]).toBe('\u001b[2A\n\u001b[J'));

  test('never draws more rows than the screen has, since those could not be redrawn', () => {
    const [frame] = drawn([Array.from({ length: 30 }, (_, index) => `line ${index}`)], 10);
    expect(frame?.split('\n')).toHaveLength(10);
    expect(frame).toContain('… 22 more');
  });
});

test('a transcript says whose call it was, and where a bead that had ended was started again', () => {
  const call = { at: 0, model: 'small', outcome: 'stop' };
  const lines = transcriptLines(
    [
      { ...call, turn: 1 },
      { ...call, turn: 2 },
      { ...call, turn: 2, role: 'reviewer' },
      { ...call, turn: 1 },
    ],
    new Map(),
    terminalOf({}, {}),
  );
  expect(lines.map((line) => line.replace('1970-01-01 00:00:00  ', ''))).toEqual([
    'turn 1  small  stop',
    'turn 2  small  stop',
    'turn 2 (reviewer)  small  stop',
    'Resumed after it had ended: its turns count from 1 again.',
    'turn 1  small  stop',
  ]);
});

test('a transcript shows failed calls, and texts of models without their escapes', () => {
  const lines = transcriptLines(
    [
      {
        at: 0,
        turn: 1,
        model: 'small',
        host: 'desk',
        promptRef: 'a',
        replyRef: 'b',
        ms: 1_500,
        outcome: 'stop',
      },
      {
        at: '1970-01-01T00:00:02.000Z',
        turn: 2,
        attempt: 2,
        model: 'small',
        failure: { type: 'StreamCut', what: 'cut' },
      },
    ],
    new Map([['b', 'hello\u001b[2J\nworld']]),
    terminalOf({}, {}),
  );
  expect(lines).toEqual([
    '1970-01-01 00:00:00  turn 1  small on desk  1.5 s  stop  prompt a  reply b',
    '',
    '  reply:',
    '    hello',
    '    world',
    '',
    '1970-01-01 00:00:02  turn 2  attempt 2  small  StreamCut: cut',
  ]);
});
