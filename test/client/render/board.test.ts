import { describe, expect, test } from 'vitest';
import { exitCode } from '../../../client/exitCodes.ts';
import { board, stateWord } from '../../../client/render/board.ts';
import { progressLines } from '../../../client/render/progress.ts';
import { terminalOf } from '../../../client/render/terminal.ts';
import { townPage } from '../../../client/render/townPage.ts';
import { convoyCode } from '../../../client/watchConvoy.ts';
import type { BeadLine, ConvoyStatus } from '../../../workflows/domain/report/report.ts';

const pipe = terminalOf({}, {});
const narrow = terminalOf({ isTTY: true, columns: 70 }, { NO_COLOR: '1' });
const colour = terminalOf({ isTTY: true, columns: 100 }, {});

const bead = (id: string, more: Partial<BeadLine> = {}): BeadLine => ({
  bead: id,
  title: `Title of ${id}`,
  state: 'pending',
  wave: 0,
  needs: [],
  commit: undefined,
  nothingToChange: false,
  polecat: '',
  model: '',
  turns: 0,
  tokens: 0,
  ms: 0,
  failure: undefined,
  ...more,
});

const landed = {
  state: 'landed',
  commit: 'c0ffee'.repeat(6),
  polecat: 'rosa',
  model: 'small',
  turns: 2,
  tokens: 12_345,
  ms: 3_100,
} as const;
const failure = {
  type: 'GateRed',
  what: 'The gate test is red.',
  evidence: 'npm test\nexit status 1\n\u001b[2J\u001b]0;owned\u0007expected 1',
  next: 'Read the log.',
} as const;

const convoy = (beads: readonly BeadLine[], state: ConvoyStatus['state'] = 'running'): ConvoyStatus => ({
  convoy: 'demo',
  title: 'A demo',
  planHash: 'x',
  state,
  rigs: [
    {
      rig: 'app',
      target: 'gastown/main',
      takeOver: 'git -C /app merge --ff-only gastown/main',
      sandbox: 'unshare',
    },
  ],
  epics: [
    {
      convoy: 'demo',
      epic: 'core',
      rig: 'app',
      target: 'main',
      paused: undefined,
      maxParallel: 4,
      waves: 2,
      beads,
    },
  ],
  tokens: { granted: undefined, spent: 12_345 },
  failure: undefined,
});

describe('the board of a convoy', () => {
  test('shows each bead by wave with what it cost', () => {
    const lines = board(convoy([bead('two', { wave: 1, needs: ['one'] }), bead('one', landed)]), pipe);
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "Convoy demo: A demo
      running, 1 of 2 beads (tasks) landed, 12.3k tokens
      rig app (repository): lands on gastown/main, sandbox unshare

      Epic core in rig app, 2 waves, at most 4 beads at once
      wave    bead  state              polecat  model  turns  tokens   time  title
         1  ✓ one   landed c0ffeec0ff  rosa     small      2   12.3k  3.1 s  Title of one
         2  · two   pending                                                  Title of two"
    `);
  });

  test('G10: says why a bead is blocked, in three parts', () => {
    const text = board(convoy([bead('one', { state: 'blocked', failure })]), pipe).join('\n');
    expect(text).toMatch(
      /demo\/core\/one:\n {4}GateRed: The gate test is red\.\n {6}npm test[\s\S]*Next: Read the log\./,
    );
  });

  test('G10: no bead is shown with another one’s evidence or next step', () => {
    const blocked = (id: string, evidence: string): BeadLine =>
      bead(id, { state: 'blocked', failure: { ...failure, evidence, next: `gt resume demo/core/${id}` } });
    const beads = [blocked('esc', '../../evil.txt'), blocked('prose', 'no file'), blocked('talk', 'no file')];
    const [first = '', second = ''] = board(convoy(beads), pipe).join('\n').split('\n  demo/core/').slice(1);
    expect(first).toMatch(/^esc:[\s\S]*evil\.txt\n {4}Next: gt resume demo\/core\/esc\n/);
    expect(second).toMatch(
      /^prose, demo\/core\/talk:[\s\S]*no file\n {4}Next: gt resume demo\/core\/prose\n {4}Next: gt resume demo\/core\/talk$/,
    );
  });

  test('G9: no terminal escape of a model or repository gets through', () => {
    const hostile = '\u001b[31mred\u001b]8;;http://x\u0007 \u202e title\nsecond';
    const text = board(convoy([bead('one', { title: hostile, state: 'blocked', failure })]), pipe).join('\n');
    expect(text).not.toMatch(/[\u001b\u0007\u202e]/);
    expect(text).toContain('red title second');
  });

  test('keeps hashes that git can use, and all states, where columns are few', () => {
    const many = [
      bead('the-parser-of-files', { ...landed, title: 'long '.repeat(20) }),
      bead('two', { ...landed, nothingToChange: true }),
    ];
    const at = (columns: number): string =>
      board(convoy(many), terminalOf({ isTTY: true, columns }, { NO_COLOR: '1' })).join('\n');
    expect(at(140)).toMatch(/ model [\s\S]*landed c0ffeec0ff /);
    expect(at(84)).toMatch(/landed c0ffeec  /);
    expect(at(84)).not.toContain(' model ');
    expect(at(60)).toMatch(/ landed  /);
    for (const width of [60, 70, 84, 100]) expect(at(width)).not.toMatch(/landed\S*…|land?e?…/);
    const two = [bead('one', landed), bead('two', { ...landed, model: 'large' })];
    expect(board(convoy(two), narrow).join('\n')).toContain(' model ');
  });

  test('calls the Overseer who reads it you', () => {
    const [epic] = convoy([bead('one')]).epics;
    const paused = { ...convoy([]), epics: epic ? [{ ...epic, paused: 'asked for by the Overseer' }] : [] };
    expect(board(paused, pipe).join('\n')).toContain('paused: asked for by you');
  });

  test('no line is wider than the terminal', () => {
    const lines = board(convoy([bead('one', { ...landed, title: 'long '.repeat(40) })]), narrow);
    const table = lines.slice(lines.findIndex((line) => line.includes('polecat')));
    expect(Math.max(...table.map((line) => [...line].length))).toBeLessThanOrEqual(70);
  });

  test('NO_COLOR and pipes get no escapes, a terminal gets colour', () => {
    const status = convoy([bead('one', landed)]);
    for (const plain of [pipe, narrow]) expect(board(status, plain).join('')).not.toContain('\u001b');
    expect(board(status, colour).join('')).toContain('\u001b[32m');
  });
});

describe('the state of a convoy in a word', () => {
  const [all, some] = [[bead('one', landed)], [bead('one', landed), bead('two', { state: 'cancelled' })]];

  test.each([
    ['done', all, 'done'],
    ['done', some, 'ended'],
    ['cancelled', some, 'cancelled'],
    ['cancelled', [], 'cancelled'],
    ['failed', [], 'failed'],
    ['running', some, 'running'],
  ] as const)('%s with %j is %s', (state, beads, word) => {
    expect(stateWord(convoy(beads, state))).toBe(word);
    expect(convoyCode(convoy(beads, state))).toBe(word === 'done' ? exitCode.ok : exitCode.failed);
  });
});

describe('progress in a pipe', () => {
  test('is a line a change, and nothing where nothing changed', () => {
    const first = convoy([bead('one', { state: 'working' }), bead('two')]);
    const second = convoy([
      bead('one', landed),
      bead('two', { state: 'working', polecat: 'max', model: 'small' }),
    ]);
    expect(progressLines(undefined, first, pipe)).toEqual([
      'convoy demo: 2 beads (tasks)',
      '> core/one working',
    ]);
    expect(progressLines(first, second, pipe)).toEqual([
      '✓ core/one landed c0ffeec0ff: Title of one (rosa, 2 turns, 12.3k tokens, 3.1 s; 1 of 2)',
      '> core/two working (max with small)',
    ]);
    expect(progressLines(second, second, pipe)).toEqual([]);
  });

  test('tells the end of the convoy', () => {
    const beads = [bead('one', landed)];
    expect(progressLines(convoy(beads), convoy(beads, 'done'), pipe)).toEqual([
      'convoy demo: done, 1 of 1 bead (task) landed',
    ]);
    // Whoever begins to watch after the end.
    expect(progressLines(undefined, convoy(beads, 'done'), pipe).at(-1)).toBe(
      'convoy demo: done, 1 of 1 bead (task) landed',
    );
  });
});

test('gt status names stopped refineries, closed hosts, dead processes and the take-over command', () => {
  const page = townPage(
    {
      name: 'mill',
      home: '/home',
      address: '127.0.0.1:1',
      namespace: 'gastown-mill',
      uiUrl: undefined,
      version: '1',
      startedAt: 'now',
      processes: [{ role: 'hosts', pid: 7, alive: false }],
      convoys: [convoy([bead('one', landed)])],
      refineries: [
        {
          rig: 'app',
          target: 'main',
          queue: [{ bead: 'demo/core/one', attempt: 1, state: 'waiting' }],
          landed: 1,
          sentBack: 0,
          tip: undefined,
          stopped: { ...failure, type: 'BaseRed' },
        },
        {
          ...{ rig: 'calm', target: 'main', queue: [], landed: 2, sentBack: 0, tip: undefined },
          stopped: { ...failure, type: 'PushRefused' },
        },
      ],
      hosts: [
        {
          host: 'desk',
          open: [],
          closed: [{ model: 'small', failure: { ...failure, type: 'ModelMissing' }, terminal: true }],
          attempt: 1,
        },
        { host: 'fresh', open: [], closed: [], attempt: 0 },
        { host: 'slow', open: ['small'], loading: ['large'], closed: [], attempt: 2 },
        { host: 'idle', open: [], closed: [], attempt: 3 },
      ],
      takeOvers: [
        { rig: 'app', target: 'gastown/main', command: 'git -C /app merge --ff-only gastown/main' },
      ],
      silent: [{ workflow: 'refinery/app/next', trouble: { ...failure, type: 'WorkflowStuck' } }],
      town: {
        day: 'today',
        tokens: { perDay: 10_000, granted: 500 },
        mailbox: [1, 2, 3, 4].map((id) => ({ id, about: `demo-${id}`, at: 0, failure })),
      },
    },
    pipe,
  ).join('\n');
  for (const words of [
    'desk: no model is open',
    'fresh: not looked at yet',
    'slow: open for small; loading large',
    'idle: no model is open now; one is loaded when a call asks for it',
    'hosts 7 (dead)',
    'budget     500 of 10.0k tokens',
    'small is closed until somebody acts',
    'ModelMissing: The gate test is red.',
    'app main: 1 bead landed, 0 sent back, 1 in the queue, stopped',
    'calm main: 2 beads landed, 0 sent back; it has stopped, and nobody waits for it: gt refinery status',
    'BaseRed: ',
    'demo running: 1 of 1 bead landed',
    'app: git -C /app merge --ff-only gastown/main',
    'Mail for you (4 letters):\n  4  demo-4  ',
    '1 more, all with evidence: gt inbox',
  ]) {
    expect(page).toContain(words);
  }
  expect(page).not.toContain('PushRefused');
});
