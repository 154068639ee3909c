import { describe, expect, test } from 'vitest';
import { board } from '../../../client/render/board.ts';
import { budgetPage, nearDayLines } from '../../../client/render/budget.ts';
import { costsPage } from '../../../client/render/costsPage.ts';
import { terminalLike } from '../../../client/render/terminal.ts';
import { costs } from '../../../workflows/domain/budget/costs.ts';
import { priced } from '../../../workflows/domain/budget/money.ts';
import type { BeadLine, ConvoyStatus, TownStatus } from '../../../workflows/domain/report/report.ts';
import type { ReportedCall } from '../../../workflows/domain/report/reportCosts.ts';

const terminal = terminalLike({ columns: 80, redraws: false, colour: false });

const call = (more: Partial<ReportedCall>, promptTokens: number, price?: number): ReportedCall => ({
  ...{ role: 'polecat', bead: 'names/core/parse', model: 'coder', at: 0, ms: 21_000, replied: true },
  usage: priced(
    { calls: 1, promptTokens, completionTokens: 0, estimated: false },
    price === undefined ? undefined : { prompt: price, completion: price },
  ),
  ...more,
});

const calls = [
  call({ role: 'mayor', bead: 'names/plan/mayor', model: 'planner', ms: 41_000 }, 8_200, 2),
  call({}, 6_100),
  call({ replied: false, ms: 9_000 }, 900),
  call({ role: 'reviewer', model: 'cloud', ms: 6_000 }, 5_200, 0.25),
];

describe('gt costs', () => {
  test('shows the same sum by role, model and bead, one column below the other', () => {
    const lines = costsPage(costs(calls), { convoy: 'names', currency: 'EUR', days: undefined }, terminal);
    expect(lines).toEqual([
      'Costs of convoy names',
      '4 calls, 1 of them without a reply, 20.4k tokens, 1 min 17 s of calls, 0.018 EUR',
      '',
      'role        calls  no reply  prompt  reply   time     EUR',
      'mayor           1              8.2k      0   41 s  0.0164',
      'reviewer        1              5.2k      0  6.0 s  0.0013',
      'polecat         2         1    7.0k      0   30 s',
      '',
      'model       calls  no reply  prompt  reply   time     EUR',
      'planner         1              8.2k      0   41 s  0.0164',
      'cloud           1              5.2k      0  6.0 s  0.0013',
      'coder           2         1    7.0k      0   30 s',
      '',
      'bead        calls  no reply  prompt  reply   time     EUR',
      'plan/mayor      1              8.2k      0   41 s  0.0164',
      'core/parse      3         1   12.2k      0   36 s  0.0013',
    ]);
  });

  test('has no column of money where nothing costs any, and says so when there was no call', () => {
    const about = { convoy: undefined, currency: 'USD', days: 7 };
    const own = costsPage(costs(calls.slice(1, 3)), about, terminal).join('\n');
    expect(own).toContain('Costs of all convoys, last 7 days');
    expect(own).toContain('\nconvoy ');
    expect(own).not.toContain('USD');
    expect(costsPage(costs([]), { ...about, convoy: 'x' }, terminal)).toEqual([
      'No call of a model is in the transcripts of convoy x of the last 7 days.',
    ]);
  });

  test('G9: names of models are cut and harmless, and every line fits the terminal', () => {
    const nasty = call({ model: `\u001b[31m${'m'.repeat(200)}`, bead: `a/b/${'c'.repeat(40)}` }, 1e9, 100);
    for (const line of costsPage(
      costs([nasty]),
      { convoy: 'a', currency: 'USD', days: undefined },
      terminal,
    )) {
      expect(line).not.toContain('\u001b');
      expect(line.length).toBeLessThanOrEqual(80);
    }
  });
});

const line = (more: Partial<BeadLine>): BeadLine => ({
  ...{ bead: 'parse', title: 'Parse', state: 'inferring', wave: 0, needs: [], commit: undefined },
  ...{ nothingToChange: false, polecat: 'ruby', model: 'coder', turns: 3, tokens: 350_000, ms: 9_000 },
  failure: undefined,
  ...more,
});

const convoy = (more: Partial<ConvoyStatus>): ConvoyStatus => ({
  ...{ convoy: 'names', title: 'Names', planHash: 'f', state: 'running', rigs: [], failure: undefined },
  epics: [
    {
      ...{ convoy: 'names', epic: 'core', rig: 'app', target: 'main', paused: undefined },
      ...{ maxParallel: 4, waves: 1 },
      beads: [line({ near: [{ of: 'tokens', spent: 350_000, granted: 400_000 }] })],
    },
  ],
  tokens: { granted: 5_000_000, spent: 4_100_000 },
  ...more,
});

describe('budgets', () => {
  test('that are nearly used up are told on the board, with the command that raises them', () => {
    const money = { granted: 5_000_000, spent: 420_000 };
    const text = board(
      convoy({ money, currency: 'EUR' }),
      terminalLike({ columns: 200, redraws: false, colour: false }),
    ).join('\n');
    expect(text).toContain('4.1M tokens of 5.0M, 0.42 of 5.00 EUR');
    expect(text).toContain(
      'The budget of names is used to 82 % (4.1M of 5.0M tokens): gt budget raise names N',
    );
    expect(text).toContain('names/core/parse has used 87 % of its tokens');
    expect(board(convoy({ state: 'done' }), terminal).join('\n')).not.toContain('is used to');
  });

  test('of epics are named with their epic', () => {
    const epicBudgets = { core: { money: { granted: 1_000_000, spent: 900_000 } } };
    const text = board(
      convoy({ epicBudgets }),
      terminalLike({ columns: 200, redraws: false, colour: false }),
    ).join('\n');
    expect(text).toContain(
      'The budget of names/core is used to 90 % (0.90 of 1.00 USD): gt budget raise names/core --money AMOUNT',
    );
  });

  test('are all on one page: the day, then convoys with their epics', () => {
    const town: TownStatus = {
      ...{ day: '2026-01-31', mailbox: [], currency: 'EUR' },
      tokens: { perDay: undefined, granted: 0 },
      money: { perDay: 10_000_000, granted: 9_000_000, spent: 4_200_000 },
    };
    expect(
      budgetPage(town, [convoy({ epicBudgets: { core: { tokens: { granted: 9, spent: 1 } } } })], terminal),
    ).toMatchInlineSnapshot(`
        [
          "budget of                 spent  used  raise it",
          "the day       4.20 of 10.00 EUR  42 %  gt budget raise-day --money AMOUNT",
          "names       4.1M of 5.0M tokens  82 %  gt budget raise names N",
          "names/core        1 of 9 tokens  11 %  gt budget raise names/core N",
        ]
      `);
    expect(nearDayLines(town)).toEqual([]);
    expect(budgetPage(undefined, [], terminal)[0]).toContain('Nothing has a budget.');
  });
});
