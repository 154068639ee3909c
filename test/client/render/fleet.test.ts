import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../../client/render/columns.ts';
import { fleetPage } from '../../../client/render/fleetPage.ts';
import { fleetPlanPage } from '../../../client/render/fleetPlanPage.ts';
import { terminalOf } from '../../../client/render/terminal.ts';
import type { HostDecision } from '../../../workflows/domain/fleet/fleet.ts';
import type { StandingOrder } from '../../../workflows/domain/fleet/orders.ts';
import type { FleetHostStatus, FleetStatus } from '../../../workflows/domain/fleet/status.ts';
import { callOf, reportOf } from '../../workflows/domain/fleet/told.ts';

const now = 1_000_000;
const character = fc.integer({ min: 0, max: 0x2100 }).map((code) => String.fromCodePoint(code));
const pipe = terminalOf({}, {});
const narrow = terminalOf({ isTTY: true, columns: 80 }, { NO_COLOR: '1' });

const none: FleetStatus = { hosts: [], plan: undefined, demand: [], swaps: [], beads: 0 };
const host = (
  over: Partial<FleetHostStatus['report']> = {},
  more: Partial<FleetHostStatus> = {},
): FleetHostStatus => ({
  ...{
    report: reportOf('box', { since: now - 60_000, ...over }),
    lost: false,
    steering: {},
    told: undefined,
  },
  ...more,
});
const page = (status: Partial<FleetStatus>, terminal = pipe): readonly string[] =>
  fleetPage({ ...none, ...status }, terminal, now);

describe('gt fleet status', () => {
  test('says what to do while no host has reported', () => {
    expect(page({})).toEqual(['No host has reported yet. Start the town with: gt up']);
  });

  test('shows for each host what it holds, since when, its calls and what it was told', () => {
    const lines = page({
      hosts: [
        host({ open: ['coder'], running: [callOf('a'), callOf('b')] }, { told: ['coder'] }),
        host({ host: 'desk' }, { told: undefined }),
      ],
    });
    expect(lines).toEqual([
      'HOST  HOLDS    SINCE  CALLS  TOLD TO HOLD',
      'box   coder    1 min      2  coder',
      'desk  nothing             0  its own rule',
    ]);
  });

  test.each<[string, FleetHostStatus, string]>([
    ['whose holder is gone', host({ open: ['coder'] }, { lost: true }), 'nobody holds its lease'],
    ['in quiet hours', host({ away: 'quiet' }), 'quiet hours'],
    ['whose process has stopped', host({ away: 'left' }), 'its process has stopped'],
    ['in a swap', host({ swap: { phase: 'drain', to: ['critic'], since: 0 } }), 'drain → critic'],
    ['that is drained', host({}, { told: [], steering: { drained: true } }), 'nothing (drained by you)'],
    [
      'that is drained and keeps its model',
      host({ kept: ['coder'] }, { told: [], steering: { drained: true } }),
      'coder (drained)',
    ],
    ['whose gates are closed', host({ kept: ['coder'] }), 'coder (no calls)'],
    [
      'that follows an order',
      host(
        { open: ['coder'] },
        {
          told: ['coder'],
          order: {
            ...{ want: ['coder'], reason: 'critic → coder: 2 calls waiting', gainMs: 90_000 },
            ...{ alternatives: [], at: now - 240_000 },
          },
        },
      ),
      '  box: critic → coder: 2 calls waiting; all ends 1 min 30 s sooner than without the swap (decided 4 min ago)',
    ],
    [
      'that is pinned',
      host({}, { told: ['coder'], steering: { pinned: ['coder'] } }),
      'coder (pinned by you)',
    ],
    [
      'whose pin cannot be kept',
      host(
        {
          ...{ open: ['coder'], refused: ['critic'] },
          troubles: [{ model: 'critic', what: 'It hangs.', tries: 2, nextAt: now + 240_000 }],
        },
        { told: ['coder'], steering: { pinned: ['critic'] } },
      ),
      'the pin of critic is not kept: It hangs. Tried 2 times; next try in 4 min',
    ],
    [
      'that was asked for a swap',
      host({}, { told: ['coder'], steering: { asked: { models: ['coder'], until: now } } }),
      'coder (asked for by you)',
    ],
    [
      'that refuses a model',
      host({ refused: ['critic'] }),
      'box does not serve critic: see `gt status` for why',
    ],
    [
      'that others use, too',
      host({ strangers: ['llama:70b'] }),
      'box also holds llama:70b: somebody else uses that server',
    ],
  ])('says of a host %s so', (_, one, words) => {
    expect(page({ hosts: [one] }).join('\n')).toContain(words);
  });

  test('shows the work for each model, where it is resident, and the last swaps, the newest first', () => {
    const swap = (at: number, to: string) => ({
      ...{ host: 'box', at, from: [], to: [to], drainMs: 0, unloadMs: 1_000, loadMs: 20_000 },
    });
    const lines = page({
      hosts: [host({ open: ['coder'] })],
      demand: [
        { model: 'coder', ready: 0, running: 2, coming: 1, waitedMs: 0 },
        { model: 'critic', ready: 3, running: 0, coming: 0, waitedMs: 90_000 },
      ],
      swaps: Array.from({ length: 9 }, (_, n) => swap(now - (9 - n) * 60_000, `m${n}`)),
    });
    expect(lines.slice(3, 6)).toEqual([
      'MODEL   ON       RUNNING  WAITING  TO COME  LONGEST WAIT',
      'coder   box            2        0        1',
      'critic  no host        0        3        0    1 min 30 s',
    ]);
    const last = lines.slice(lines.indexOf('last swaps') + 1);
    expect(last).toHaveLength(5);
    expect(last[0]).toBe('  1 min ago  box: nothing → m8 (drain 0.0 s, unload 1.0 s, load 20 s)');
  });

  test('G9: what a server calls a model is no terminal escape, and hides nothing', () => {
    const hostile = 'a\u001b[2Jb\u202ec\nd';
    const text = page({ hosts: [host({ strangers: [hostile] })] }).join('\n');
    expect(text).not.toMatch(/[\u001b\u202e]/);
    expect(text.split('\n')).toHaveLength(3);
  });

  test('fits 80 columns with the longest names', () => {
    const long = (name: string): string => `${name}-${'x'.repeat(39 - name.length)}`;
    const lines = page(
      {
        hosts: [
          host(
            {
              host: long('host'),
              open: [long('one'), long('two')],
              strangers: ['y'.repeat(200)],
              refused: [long('no')],
            },
            { told: [long('one'), long('two')], steering: { pinned: [long('one')] } },
          ),
        ],
        demand: [{ model: long('one'), ready: 123, running: 1, coming: 2, waitedMs: 7_500_000 }],
        swaps: [
          {
            host: long('host'),
            at: 0,
            from: [long('one')],
            to: [long('two')],
            drainMs: 1,
            unloadMs: 2,
            loadMs: 3,
          },
        ],
      },
      narrow,
    );
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(80);
  });
});

describe('gt fleet plan', () => {
  const decision = (over: Partial<HostDecision> = {}): HostDecision => ({
    ...{ host: 'box', want: ['coder'], reason: 'it has work', gainMs: 0, alternatives: [] },
    ...over,
  });
  const planPage = (
    hosts: readonly HostDecision[],
    {
      told = ['coder'],
      endsAt = now + 600_000,
      terminal = pipe,
      order,
      swaps = [],
    }: {
      told?: readonly string[] | undefined;
      endsAt?: number | undefined;
      terminal?: typeof pipe;
      order?: StandingOrder;
      swaps?: FleetStatus['swaps'];
    } = {},
  ): readonly string[] => {
    const plan = { at: now - 5_000, endsAt, hosts, againAt: undefined };
    return fleetPlanPage({ plan, hosts: [host({}, { told, order })], swaps }, terminal, now);
  };

  test('says so where nothing is planned', () => {
    for (const plan of [undefined, { at: 0, endsAt: undefined, hosts: [], againAt: undefined }])
      expect(fleetPlanPage({ plan, hosts: [], swaps: [] }, pipe, now)[0]).toContain('has planned nothing');
  });

  test('shows each decision with its reason, what it gains, and what it was better than', () => {
    const alternatives = [
      { want: ['c'], laterMs: -1_200 },
      { want: [], laterMs: 100 },
      { want: ['a', 'b'], laterMs: 60_000 },
      { want: ['coder'], laterMs: 0 },
    ];
    expect(planPage([decision({ gainMs: 90_000, alternatives })])).toEqual([
      'planned 5.0 s ago; all known work should end in 10 min',
      'box: coder',
      '  why: it has work',
      '  all ends 1 min 30 s sooner than without the swap',
      '  instead c: 1.2 s sooner, which is less than a swap must gain',
      '  instead nothing: no better',
      '  instead a and b: 1 min later',
    ]);
  });

  const order: StandingOrder = {
    ...{ want: ['coder'], reason: 'critic → coder (30 s): 2 calls waiting', gainMs: 90_000 },
    ...{ alternatives: [{ want: ['critic'], laterMs: 90_000 }], at: now - 240_000, met: true },
  };

  test('goes on showing the decision that put the order in force, and what was swapped for it', () => {
    const swap = { host: 'box', at: now - 60_000, from: ['critic'], to: ['coder'], why: order.reason };
    const swaps = [{ ...swap, drainMs: 0, unloadMs: 1_000, loadMs: 20_000 }];
    expect(planPage([decision()], { order, swaps })).toEqual([
      'planned 5.0 s ago; all known work should end in 10 min',
      'box: coder',
      '  why: critic → coder (30 s): 2 calls waiting (decided 4 min ago)',
      '  all ends 1 min 30 s sooner than without the swap',
      '  instead critic: 1 min 30 s later',
      '  now: it has work',
      '',
      'last swaps',
      '  1 min ago  box: critic → coder (drain 0.0 s, unload 1.0 s, load 20 s)',
      '    why: critic → coder (30 s): 2 calls waiting',
    ]);
  });

  test('says nothing of an order that the plan has just replaced', () => {
    const lines = planPage([decision({ want: ['critic'] })], { order });
    expect(lines.slice(1)).toEqual(['box: critic', '  why: it has work']);
  });

  test('says of a host that follows no plan that it goes by its own rule', () => {
    const lines = fleetPlanPage(
      {
        plan: { at: now, endsAt: undefined, hosts: [decision()], againAt: undefined },
        ...{ hosts: [host()], swaps: [] },
      },
      pipe,
      now,
    );
    expect(lines.slice(0, 2)).toEqual([
      'planned 0.0 s ago; no work is known',
      'box: coder (goes by its own rule)',
    ]);
  });

  test('G9: whatever reason is given, a line stays a line and no escape reaches the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), (words) => {
        const lines = planPage([decision({ reason: `x\u001b]0;${words}` })]);
        for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });
});
