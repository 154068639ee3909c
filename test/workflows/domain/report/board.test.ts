import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../../workflows/domain/failure.ts';
import {
  beadMarkdown,
  convoyMarkdown,
  epicMarkdown,
  hostMarkdown,
  refineryMarkdown,
  totalsOf,
  totalsText,
} from '../../../../workflows/domain/report/board.ts';
import type { BeadLine, EpicStatus } from '../../../../workflows/domain/report/report.ts';

const failure: Failure = {
  type: 'GateRed',
  what: 'The gate `tests` is red | see [log](http://evil)',
  evidence: 'secret evidence',
  next: 'Run gt resume.',
};

const line = (bead: string, state: BeadLine['state'], more: Partial<BeadLine> = {}): BeadLine => ({
  bead,
  title: `Title of ${bead}`,
  state,
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

const epic = (beads: readonly BeadLine[]): EpicStatus => ({
  convoy: 'c',
  epic: 'e',
  rig: 'app',
  target: 'main',
  paused: undefined,
  maxParallel: 4,
  waves: 2,
  beads,
});

const mixed = [
  line('done', 'landed', {
    commit: 'abcdef1234567890',
    turns: 2,
    tokens: 12_345,
    ms: 1_000,
    polecat: 'nux',
    model: 'm',
  }),
  line('same', 'landed', { nothingToChange: true }),
  line('busy', 'inferring', { tokens: 500, ms: 10, wave: 1 }),
  line('red', 'blocked', { failure }),
  line('later', 'held'),
  line('next', 'pending'),
];

describe('totals', () => {
  test('count every bead once', () => {
    expect(totalsOf(mixed)).toEqual({
      beads: 6,
      landed: 2,
      working: 1,
      pending: 1,
      parked: 0,
      blocked: 1,
      held: 1,
      cancelled: 0,
      tokens: 12_845,
      ms: 1_010,
    });
    expect(totalsText(totalsOf(mixed))).toBe(
      '2 of 6 landed, 1 working, 1 pending, 1 blocked, 1 held, 12.8k tokens',
    );
  });
});

describe('epicMarkdown', () => {
  test('puts what needs a person first, then what is at work; nothing in it is live', () => {
    expect(epicMarkdown(epic(mixed))).toBe(
      [
        '2 of 6 landed, 1 working, 1 pending, 1 blocked, 1 held, 12.8k tokens; 2 waves, at most 4 at once',
        '',
        '| wave | bead | state | polecat | turns | tokens | commit or reason | title |',
        '| --- | --- | --- | --- | --- | --- | --- | --- |',
        '| 1 | red | blocked |  |  |  | The gate \\`tests\\` is red \\| see \\[log\\](http\u2060://evil) | Title of red |',
        '| 2 | busy | inferring |  |  | 500 |  | Title of busy |',
        '| 1 | later | held |  |  |  |  | Title of later |',
        '| 1 | done | landed | nux | 2 | 12.3k | abcdef1234 | Title of done |',
        '| 1 | same | landed (nothing to change) |  |  |  |  | Title of same |',
        '| 1 | next | pending |  |  |  |  | Title of next |',
      ].join('\n'),
    );
  });

  test('G9: a hostile title breaks out of neither cell nor table', () => {
    const text = epicMarkdown(epic([line('a', 'blocked', { title: 'x | y\n\n# <script>\u001b[31m' })]));
    expect(text.split('\n')).toHaveLength(5);
    expect(text).toContain('| x \\| y # &lt;script&gt; |');
  });

  test('holds at most 60 rows, and says how many more there are', () => {
    const text = epicMarkdown(epic(Array.from({ length: 400 }, (_, n) => line(`n${n}`, 'pending'))));
    expect(text.split('\n').filter((row) => row.startsWith('| 1 '))).toHaveLength(60);
    expect(text).toContain('… and 340 more');
    expect(text.length).toBeLessThan(20_000);
  });
});

describe('the other boards', () => {
  test('the convoy: budget, epics, and the command that takes a rig over', () => {
    const text = convoyMarkdown({
      convoy: 'c',
      title: 'A *bold* plan',
      planHash: '',
      state: 'running',
      rigs: [{ rig: 'app', target: 'gastown/main', takeOver: 'git merge gastown/main', sandbox: 'bwrap' }],
      epics: [epic(mixed)],
      tokens: { granted: 2_000_000, spent: 12_845 },
      failure: undefined,
    });
    expect(text).toBe(
      [
        '**A \\*bold\\* plan** running: 2 of 6 landed, 1 working, 1 pending, 1 blocked, 1 held, 12.8k tokens',
        '',
        'Budget: 12.8k of 2.0M tokens',
        '',
        '| epic | rig | target | beads |',
        '| --- | --- | --- | --- |',
        '| e | app | main | 2 of 6 landed, 1 working, 1 pending, 1 blocked, 1 held, 12.8k tokens |',
        '',
        'To take over in app: git merge gastown/main',
      ].join('\n'),
    );
  });

  test('the Refinery: its queue, and why it has stopped', () => {
    const text = refineryMarkdown({
      rig: 'app',
      target: 'main',
      queue: [{ bead: 'c/e/a', attempt: 1, state: 'testing' }],
      landed: 3,
      sentBack: 1,
      tip: 'abcdef1234567890',
      stopped: failure,
    });
    expect(text).toContain('Lands on main (abcdef1234): 3 landed, 1 sent back, 1 queued');
    expect(text).toContain('Stopped. The gate \\`tests\\` is red');
    expect(text).toContain('| c/e/a | 1 | testing |');
    expect(text).not.toContain('secret evidence');
  });

  test('the host: what is open, what is refused and why', () => {
    const text = hostMarkdown({
      host: 'pit',
      open: ['coder'],
      closed: [{ model: 'big', failure, terminal: true }],
      attempt: 2,
    });
    expect(text).toContain('| coder | open |  |  |');
    expect(text).toContain('| big | refused | The gate \\`tests\\` is red');
    expect(text).toContain('Run gt resume. |');
  });

  test('the bead: where it stands and what it waits for', () => {
    const text = beadMarkdown({
      bead: 'c/e/a',
      title: 'Lex',
      state: 'inferring',
      polecat: 'nux',
      model: 'coder',
      ladder: ['coder', 'big'],
      attempt: 2,
      turn: 3,
      conversation: 1,
      base: undefined,
      head: undefined,
      commit: undefined,
      spent: {
        turns: 2,
        usage: { calls: 2, promptTokens: 900, completionTokens: 100, estimated: false },
        wallMs: 0,
        attempts: 1,
      },
      caps: { turns: 12, tokens: 400_000, wallMs: 1, attempts: 5 },
      lastFeedback: 'tests are red',
      handover: 'a fresh mind',
      waiting: { since: 0, failure },
      failure: undefined,
    });
    expect(text).toContain('Attempt 2, turn 3, conversation 1; nux with coder; 1.0k tokens of 400.0k');
    expect(text).toContain('Last feedback: tests are red');
    expect(text).toContain('Handed over: a fresh mind');
    expect(text).toContain('Waiting: The gate');
  });
});
