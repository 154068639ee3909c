import { describe, expect, test } from 'vitest';
import { reportPage } from '../../../../client/render/reportPage.ts';
import { terminalOf } from '../../../../client/render/terminal.ts';
import type { Failure } from '../../../../workflows/domain/failure.ts';
import {
  convoyReport,
  type ReportSources,
  reportSummary,
} from '../../../../workflows/domain/report/convoyReport.ts';
import type { BeadLine, ConvoyStatus, EpicStatus } from '../../../../workflows/domain/report/report.ts';
import { moneySpentText, tokensText } from '../../../../workflows/domain/report/reportCosts.ts';
import { reportMarkdown } from '../../../../workflows/domain/report/reportMarkdown.ts';

const failure: Failure = {
  type: 'AttemptsExhausted',
  what: '5 tries failed and no other model is left to ask.',
  evidence: 'test: 1 failed\n```\n# not a heading',
  next: 'gt bead log demo/core/two',
};

const line = (bead: string, more: Partial<BeadLine> = {}): BeadLine => ({
  bead,
  title: `Do ${bead}`,
  state: 'landed',
  wave: 0,
  needs: [],
  commit: 'c'.repeat(40),
  nothingToChange: false,
  polecat: 'Ash',
  model: 'coder',
  turns: 2,
  tokens: 1_000,
  ms: 60_000,
  failure: undefined,
  ...more,
});

const epic = (beads: readonly BeadLine[], more: Partial<EpicStatus> = {}): EpicStatus => ({
  convoy: 'demo',
  epic: 'core',
  rig: 'app',
  target: 'main',
  paused: undefined,
  maxParallel: 4,
  waves: 1,
  beads,
  ...more,
});

const status = (epics: readonly EpicStatus[], more: Partial<ConvoyStatus> = {}): ConvoyStatus => ({
  convoy: 'demo',
  title: 'A demo',
  planHash: 'p',
  state: 'done',
  rigs: [{ rig: 'app', target: 'main', takeOver: undefined, sandbox: 'off' }],
  epics,
  tokens: { granted: undefined, spent: 0 },
  failure: undefined,
  ...more,
});

const call = (at: number, replied = true, model = 'coder') => ({
  bead: 'demo/core/one',
  role: 'polecat' as const,
  model,
  at,
  ms: 2_000,
  usage: { calls: 1, promptTokens: 100, completionTokens: 10, estimated: false },
  replied,
});

const report = (known: ConvoyStatus, more: Partial<ReportSources> = {}) =>
  convoyReport({
    status: known,
    startedAt: 1_000_000,
    endedAt: 4_600_000,
    now: 9_000_000,
    calls: [],
    refineries: [],
    hosts: [],
    timeZone: 'UTC',
    ...more,
  });

const blocked = line('two', { state: 'blocked', commit: undefined, failure });

describe('the report of a convoy', () => {
  test('G1: says what landed with its commits, what did not, and that it has only ended', () => {
    const { state, landed, notLanded, totals, ms } = report(status([epic([line('one'), blocked])]));
    expect({ state, ms }).toEqual({ state: 'ended', ms: 3_600_000 });
    expect(landed).toMatchObject([{ key: 'demo/core/one', commit: 'c'.repeat(40), target: 'main' }]);
    expect(notLanded).toMatchObject([{ key: 'demo/core/two', state: 'blocked' }]);
    expect(totals).toMatchObject({ landed: 1, blocked: 1 });
    expect(report(status([epic([line('one')])])).state).toBe('done');
  });

  test('a run that was terminated has ended, whatever it said last', () => {
    expect(report(status([epic([line('one', { state: 'working' })])], { state: 'running' })).state).toBe(
      'ended',
    );
  });

  test('G10: one reason that blocks many beads is one need, with all their names', () => {
    const { needs } = report(status([epic([blocked, { ...blocked, bead: 'three' }])]));
    expect(needs).toMatchObject([
      { about: ['demo/core/two', 'demo/core/three'], type: 'AttemptsExhausted', next: failure.next },
    ]);
  });

  test('a convoy whose time is over needs to be told to go on; parked beads of a stop are told one by one', () => {
    const parked = line('one', { state: 'parked', commit: undefined });
    const reason = 'it is 07:00, the time that it was to run until; go on with: gt resume demo';
    const open = { endedAt: undefined };
    expect(
      report(status([epic([parked], { paused: reason })], { state: 'paused' }), open).needs,
    ).toMatchObject([
      { about: ['demo/core'], type: 'Paused', what: expect.stringContaining('gt resume demo') },
    ]);
    expect(report(status([epic([parked])], { state: 'running' }), open).needs).toMatchObject([
      { about: ['demo/core/one'], type: 'Parked', next: 'gt resume demo/core/one' },
    ]);
  });

  test('stopped merge queues and hosts that refuse for good are told; hosts that are merely closed are not', () => {
    const queue = {
      ...{ rig: 'app', target: 'main', queue: [], landed: 0, sentBack: 0, tip: undefined },
      stopped: { ...failure, type: 'BaseRed' as const, what: 'Red.' },
    };
    const working = epic([line('one', { state: 'working' })]);
    // Where nobody waits for it, or will, it is nobody's trouble.
    expect(report(status([working]), { refineries: [queue] }).needs).toEqual([]);
    expect(
      report(status([epic([line('one')])], { state: 'running' }), {
        ...{ endedAt: undefined, refineries: [queue] },
      }).needs,
    ).toEqual([]);
    const { needs } = report(status([working], { state: 'running' }), {
      endedAt: undefined,
      refineries: [queue],
      hosts: [
        {
          ...{ host: 'box', open: [], attempt: 1 },
          closed: [
            { model: 'a', failure: { ...failure, type: 'ContextTooSmall' }, terminal: true },
            { model: 'b', failure: { ...failure, type: 'HostDown' }, terminal: false },
          ],
        },
      ],
    });
    expect(needs.map(({ about, type }) => [about[0], type])).toEqual([
      ['the merge queue of app main', 'BaseRed'],
      ['host box', 'ContextTooSmall'],
    ]);
  });

  test('what landed beside the person’s branch is to be taken over, unless the town brings that branch along', () => {
    const rigs = [{ rig: 'app', target: 'gastown/main', takeOver: 'git merge gastown/main', sandbox: 'off' }];
    const known = status([epic([line('one')], { target: 'gastown/main' })], { rigs });
    expect(report(known).needs).toMatchObject([{ type: 'TakeOver', next: 'git merge gastown/main' }]);
    const queue = {
      ...{ rig: 'app', target: 'gastown/main', queue: [], landed: 1, sentBack: 0, tip: undefined },
      stopped: undefined,
      upstream: { branch: 'main', behind: undefined },
    };
    expect(report(known, { refineries: [queue] }).needs).toEqual([]);
    const behind = { what: 'It has changes.', evidence: 'M src/a', next: 'git merge --ff-only gastown/main' };
    expect(
      report(known, { refineries: [{ ...queue, upstream: { branch: 'main', behind } }] }).needs,
    ).toMatchObject([{ type: 'TakeOver', ...behind }]);
  });
});

test('G10: work that polecats proposed and nobody has decided on is told, with the command for an open convoy and for an ended one', () => {
  const proposal = { id: 'p', title: 'x', taskRef: 'r', files: [], from: 'one' };
  const proposals = [
    { ...proposal, state: 'waiting' as const },
    { ...proposal, id: 'q', state: 'dismissed' as const },
  ];
  const known = status([epic([line('one')], { proposals })]);
  expect(report(known).needs).toMatchObject([
    {
      ...{ about: ['demo'], type: 'ProposalsWait' },
      what: '1 proposal of more work by polecats waits for you; the convoy has ended.',
      next: expect.stringContaining('gt convoy proposals demo --plan > next.yaml'),
    },
  ]);
  expect(report({ ...known, state: 'running' }, { endedAt: undefined }).needs).toMatchObject([
    { next: 'See it with: gt convoy proposals demo' },
  ]);
});

describe('what it cost', () => {
  test('G7: by model and role, failed calls too; earlier launches are counted apart', () => {
    const { costs, tokens } = report(status([epic([line('one')])]), {
      calls: [
        call(500_000),
        call(1_100_000),
        call(1_200_000, false),
        // Before the launch: there was no convoy to launch without the plan.
        { ...call(900_000), role: 'mayor', model: 'big' },
      ],
    });
    expect(costs).toMatchObject([
      {
        role: 'polecat',
        model: 'coder',
        calls: 2,
        failed: 1,
        promptTokens: 200,
        completionTokens: 20,
        ms: 4_000,
      },
      { role: 'mayor', model: 'big', calls: 1, failed: 0 },
    ]);
    expect(tokens).toMatchObject({ spent: 220, planning: 110, earlier: 110 });
    expect(tokensText(tokens)).toBe(
      '220 tokens, and 110 by the mayor for the plan, and 110 in earlier launches',
    );
  });

  test('in money where models have a price: by this launch, by the mayor, and in earlier ones', () => {
    const paid = (one: ReturnType<typeof call>, money: number) => ({
      ...one,
      usage: { ...one.usage, money },
    });
    const found = report(
      { ...status([epic([line('one')])]), currency: 'EUR', money: { granted: 5_000_000, spent: 0 } },
      {
        calls: [
          paid(call(500_000), 30_000),
          paid(call(1_100_000), 400_000),
          paid(call(1_200_000, false), 20_000),
          call(1_300_000, true, 'own'),
          { ...paid(call(900_000), 100_000), role: 'mayor', model: 'big' },
        ],
      },
    );
    expect(found.costs.map(({ role, model, money }) => [role, model, money])).toEqual([
      ['polecat', 'coder', 420_000],
      ['mayor', 'big', 100_000],
      ['polecat', 'own', undefined],
    ]);
    expect(moneySpentText(found)).toBe(
      '0.42 EUR of 5.00 EUR, and 0.10 EUR by the mayor for the plan, and 0.03 EUR in earlier launches',
    );
    const text = reportMarkdown(found);
    expect(text).toContain('| 0.42 EUR |');
    expect(text).toContain('0.42 EUR of 5.00 EUR');
    expect(
      moneySpentText(report(status([epic([line('one')])]), { calls: [call(1_100_000)] })),
    ).toBeUndefined();
  });

  test('a hand-over note and a second opinion are roles of their own', () => {
    const { costs } = report(status([epic([line('one')])]), {
      calls: [
        call(1_100_000),
        { ...call(1_100_000), role: 'note' },
        { ...call(1_200_000), role: 'reviewer', model: 'big' },
      ],
    });
    expect(costs.map(({ role }) => role).toSorted()).toEqual(['note', 'polecat', 'reviewer']);
  });

  test('what landed in an earlier launch is not counted as spent by this one, too', () => {
    const { costs, tokens } = report(status([epic([line('one', { earlier: true })])]), {
      calls: [call(500_000)],
    });
    expect(costs).toEqual([]);
    expect(tokens).toMatchObject({ spent: 0, earlier: 110 });
  });

  test('where transcripts were pruned, the board stands in', () => {
    expect(report(status([epic([line('one')])])).costs).toMatchObject([
      { role: 'polecat', model: 'coder', promptTokens: 1_000, estimated: true },
    ]);
  });
});

test('a line says it all', () => {
  expect(reportSummary(report(status([epic([line('one'), blocked])])))).toBe(
    'Convoy demo ended: 1 of 2 landed, 1 blocked; 1 thing needs you',
  );
});

test('the mayor has a row of its own, in Markdown as on a terminal', () => {
  const known = report(status([epic([line('one')])]), {
    calls: [{ ...call(900_000), role: 'mayor', model: 'big' }, call(1_100_000)],
  });
  const row = /^.*mayor.*big.*$/m;
  expect(reportMarkdown(known)).toMatch(row);
  expect(reportPage(known, terminalOf({})).join('\n')).toMatch(row);
  for (const text of [reportMarkdown(known), reportPage(known, terminalOf({})).join('\n')])
    expect(text).toContain('110 tokens, and 110 by the mayor for the plan');
  expect(known.actual.tokens).toBe(110);
});

describe('as Markdown', () => {
  const hostile = '[x](http://evil) <img src=x> `rm` | cell\u001b[31m @everyone';

  test('G9: nothing that a model or repository wrote is live in it, and evidence cannot end its block', () => {
    const text = reportMarkdown(
      report(
        status(
          [epic([line('one', { title: hostile }), { ...blocked, failure: { ...failure, what: hostile } }])],
          { title: hostile },
        ),
      ),
    );
    expect(text).not.toMatch(/(?<!\\)\]\(http|<img|\u001b|@everyone/);
    expect(text).toContain('    ```\n    # not a heading');
    for (const row of text.split('\n').filter((each) => each.startsWith('| demo/core/one')))
      expect(row.match(/(?<!\\)\|/g)).toHaveLength(9);
  });

  test('has the commits, the reasons, the costs, and the forecast beside what it came to', () => {
    const known = status([epic([line('one'), blocked])], {
      forecast: { turns: 6, tokens: 3_000, ms: 1_800_000, from: 12 },
    });
    const text = reportMarkdown(report(known, { calls: [call(1_100_000)] }));
    expect(text).toContain('## Landed (1)');
    expect(text).toContain('cccccccccc');
    expect(text).toContain('AttemptsExhausted');
    expect(text).toContain('| tokens | 3.0k | 110 |');
    expect(text).toContain('| time | at least 30 min | 1 h |');
    expect(text).toContain('From 1970-01-01 00:16 to 1970-01-01 01:16 (1 h; UTC)');
  });
});
