import { describe, expect, test } from 'vitest';
import type { FleetHost, FleetModel, FleetState, Stage } from '../../../../workflows/domain/fleet/fleet.ts';
import { planFleet } from '../../../../workflows/domain/fleet/plan.ts';
import { defaultFleetSettings } from '../../../../workflows/domain/fleet/settings.ts';

const now = 1_700_000_000_000;
const minute = 60_000;

const model = (key: string, over: Partial<FleetModel> = {}): FleetModel => ({
  ...{ key, weights: key, context: 32_768, bytes: 20e9, loadMs: 22_500, unloadMs: 17_500 },
  ...over,
});

const host = (name: string, over: Partial<FleetHost> = {}): FleetHost => ({
  ...{ host: name, slots: 2, memory: 24e9, coresident: false, serves: ['a', 'b'] },
  ...{ resident: ['a'], since: now - 60 * minute, running: [] },
  ...over,
});

const stage = (id: string, of: string, over: Partial<Stage> = {}): Stage => ({
  ...{ id, model: of, kind: 'code', needs: [], calls: 1, callMs: minute, gapMs: 20_000 },
  ...{ state: 'ready', at: now - minute },
  ...over,
});

const plan = (over: Partial<FleetState>, settings = defaultFleetSettings) =>
  planFleet({ now, models: [model('a'), model('b')], hosts: [host('desk')], stages: [], ...over }, settings);

const wantOf = (over: Partial<FleetState>, settings = defaultFleetSettings) =>
  plan(over, settings).hosts.map(({ want }) => want);

describe('what a host is to hold', () => {
  test('without work all stays as it is', () => {
    expect(plan({})).toMatchObject({
      endsAt: undefined,
      againAt: undefined,
      hosts: [{ want: ['a'], gainMs: 0 }],
    });
  });

  test('an idle host swaps to what waits, and says why', () => {
    const [decision] = plan({ stages: [stage('s', 'b')] }).hosts;
    expect(decision?.want).toEqual(['b']);
    expect(decision?.reason).toBe('a → b (40 s): 1 call waiting, nobody else has it');
  });

  test('it holds out for a call that is due sooner than a swap there and back takes', () => {
    const due = (inMs: number) => stage('own', 'a', { state: 'gap', at: now + inMs, calls: 3 });
    const base = { ...defaultFleetSettings, lookAhead: false };
    expect(wantOf({ stages: [due(30_000), stage('s', 'b')] }, base)).toEqual([['a']]);
    expect(wantOf({ stages: [due(300_000), stage('s', 'b')] }, base)).toEqual([['b']]);
    expect(plan({ stages: [due(30_000), stage('s', 'b')] }, base).againAt).toBe(now + 31_000);
  });

  test('it does not hold out where another host has the model', () => {
    const stages = [stage('own', 'a', { state: 'gap', at: now + 10_000 }), stage('s', 'b')];
    const base = { ...defaultFleetSettings, lookAhead: false };
    expect(wantOf({ hosts: [host('desk'), host('attic')], stages }, base)).toEqual([['b'], ['a']]);
  });

  test('what another host has room for is not loaded twice', () => {
    const hosts = [host('desk'), host('attic', { resident: ['b'] })];
    expect(wantOf({ hosts, stages: [stage('s', 'b')] })).toEqual([['a'], ['b']]);
  });

  test('a gate is closed early for work that is about to come, with what it gains and what else was looked at', () => {
    const exact = { spread: 0, callMs: 15 * minute } as const;
    const stages = [
      stage('first', 'a', { ...exact, state: 'running', at: now - 10 * minute }),
      stage('beside', 'a', { ...exact, state: 'running', at: now - 10 * minute }),
      stage('second', 'b', { ...exact, state: 'coming', needs: ['first'] }),
      stage('third', 'a', { ...exact, state: 'coming', needs: ['second'] }),
      stage('other', 'a', { ...exact, calls: 1 }),
    ];
    const running = ['first', 'beside'].map((id) => ({ model: 'a', stage: id, since: now - 10 * minute }));
    const [decision] = plan({ hosts: [host('desk', { running })], stages }).hosts;
    expect(decision?.want).toEqual(['b']);
    expect(decision?.reason).toMatch(/^looking ahead: a → b \(40 s\)/);
  });

  test('a call that has waited for the bound is served at the next chance, whatever would be faster', () => {
    const stages = [
      ...Array.from({ length: 9 }, (_, index) => stage(`own-${index}`, 'a', { calls: 9 })),
      stage('poor', 'b', { at: now - 61 * minute }),
    ];
    expect(plan({ stages }).hosts).toMatchObject([
      { want: ['b'], reason: 'a call for b has waited 61.0 min' },
    ]);
    expect(wantOf({ stages, hosts: [host('desk', { since: now - minute })] })).toEqual([['a']]);
  });

  test('a swap that is under way is what the host is to do', () => {
    const swapping = host('desk', { resident: [], swap: { to: ['b'], endsAt: now + 9_000 } });
    expect(wantOf({ hosts: [swapping], stages: [stage('s', 'a')] })).toEqual([['b']]);
  });

  test('hosts that are away get no decision, and their work goes elsewhere', () => {
    const hosts = [host('desk', { away: true, resident: ['b'] }), host('attic')];
    expect(plan({ hosts, stages: [stage('s', 'b')] }).hosts).toMatchObject([{ host: 'attic', want: ['b'] }]);
  });

  test('a stage whose model nobody can serve keeps nobody waiting', () => {
    const stages = [
      stage('lost', 'b'),
      stage('after', 'a', { state: 'coming', needs: ['lost'] }),
      stage('own', 'a'),
    ];
    const only = host('desk', { serves: ['a'] });
    expect(plan({ hosts: [only], stages }).endsAt).toBeLessThan(now + 5 * minute);
  });

  test('stages that wait for each other keep nobody waiting', () => {
    const circle = ['x', 'y'].map((id, at) =>
      stage(id, 'a', { state: 'coming', needs: [['y', 'x'][at] ?? ''] }),
    );
    const all = plan({ stages: [...circle, stage('s', 'b')] });
    expect(all).toMatchObject({ hosts: [{ want: ['b'] }] });
    expect(all.endsAt).toBeLessThan(now + 5 * minute);
  });

  test('work that runs elsewhere is waited for without a host', () => {
    const stages = [stage('cloud', 'elsewhere'), stage('after', 'a', { state: 'coming', needs: ['cloud'] })];
    expect(plan({ stages }).endsAt).toBeGreaterThan(now + minute);
  });
});

describe('why a host keeps what it holds', () => {
  const reasonOf = (over: Partial<FleetState>): string | undefined => plan(over).hosts[0]?.reason;
  const pinned = host('desk', { pinned: ['a'] });
  test.each<[string, Partial<FleetState>, string]>([
    ['nothing is known', {}, 'no work is known'],
    ['a call for it waits', { stages: ['r', 's', 't'].map((id) => stage(id, 'a')) }, '1 call waiting for it'],
    [
      'work for it is to come',
      { stages: [stage('s', 'a', { state: 'gap', at: now + minute })] },
      'work for it is under way or to come',
    ],
    [
      'another host works for the other',
      { hosts: [host('desk'), host('attic', { resident: ['b'] })], stages: [stage('s', 'b')] },
      'nothing waits yet; work for b is under way or to come',
    ],
    [
      'another host takes the other calls',
      {
        hosts: [host('desk'), host('attic', { resident: [], swap: { to: ['b'], endsAt: now + 10_000 } })],
        stages: [stage('s', 'b')],
      },
      '1 call for other models waiting, which other hosts take',
    ],
    [
      'it may not load the other, and another may',
      { hosts: [pinned, host('attic', { resident: [], serves: ['b'] })], stages: [stage('s', 'b')] },
      '1 call for other models waiting, none of which it may load beside what a person wants there',
    ],
    [
      'nobody may load the other',
      { hosts: [pinned], stages: [stage('s', 'b')] },
      'no host may load b now, which other work needs',
    ],
  ])('is told where %s', (_, over, words) => {
    expect(reasonOf(over)).toBe(`keeps a: ${words}`);
  });

  test('while it changes, nothing else could be begun, so there is no alternative to it', () => {
    const swap = { to: ['b'], endsAt: now + 10_000 };
    const [decision] = plan({
      hosts: [host('desk', { resident: [], swap })],
      stages: [stage('s', 'b')],
    }).hosts;
    expect(decision).toMatchObject({ want: ['b'], reason: 'changes to b', alternatives: [] });
  });
});

describe('what people say', () => {
  test('a pinned model is loaded and kept, whatever waits', () => {
    const pinned = host('desk', { pinned: ['b'] });
    expect(plan({ hosts: [pinned], stages: [stage('s', 'a')] }).hosts).toMatchObject([
      { want: ['b'], reason: 'b pinned by a person' },
    ]);
    expect(wantOf({ hosts: [{ ...pinned, resident: ['b'] }], stages: [stage('s', 'a')] })).toEqual([['b']]);
  });

  test('beside a pinned model comes what fits', () => {
    const models = [model('a', { bytes: 5e9 }), model('b')];
    const pinned = host('desk', { pinned: ['b'], resident: ['b'], memory: 26e9 });
    expect(wantOf({ models, hosts: [pinned], stages: [stage('s', 'a')] })).toEqual([['a', 'b']]);
  });

  test('a drained host is emptied, and takes nothing', () => {
    expect(plan({ hosts: [host('desk', { drained: true })], stages: [stage('s', 'a')] }).hosts).toMatchObject(
      [{ want: [], reason: 'drained by a person' }],
    );
  });

  test('what only a drained host could serve keeps nobody waiting', () => {
    const hosts = [host('desk', { drained: true }), host('attic', { serves: ['a'] })];
    const all = plan({ hosts, stages: [stage('s', 'b'), stage('own', 'a')] });
    expect(all.hosts.map(({ want }) => want)).toEqual([[], ['a']]);
    expect(all.endsAt).toBeLessThan(now + 5 * minute);
  });

  test('a refused model is given up and not loaded', () => {
    expect(wantOf({ hosts: [host('desk', { refused: ['a'] })] })).toEqual([[]]);
    expect(wantOf({ hosts: [host('desk', { refused: ['b'] })], stages: [stage('s', 'b')] })).toEqual([['a']]);
  });

  test('a host that holds all of its models together holds all that it does not refuse', () => {
    const together = host('desk', { coresident: true, memory: undefined, serves: ['a', 'b'] });
    expect(wantOf({ hosts: [together] })).toEqual([['a', 'b']]);
    expect(wantOf({ hosts: [{ ...together, refused: ['a'] }] })).toEqual([['b']]);
  });
});

describe('memory and contexts', () => {
  test('a larger context of the same weights serves calls of the smaller: no swap', () => {
    const models = [model('a', { weights: 'w', context: 131_072 }), model('b', { weights: 'w' })];
    expect(wantOf({ models, stages: [stage('s', 'b')] })).toEqual([['a']]);
    expect(wantOf({ models, stages: [stage('s', 'a')], hosts: [host('desk', { resident: ['b'] })] })).toEqual(
      [['a']],
    );
  });

  test('a model that fits beside a busy one is loaded while that serves', () => {
    const models = [model('a'), model('b', { bytes: 4e9 })];
    const running = [{ model: 'a', stage: undefined, since: now - 1_000 }];
    expect(wantOf({ models, hosts: [host('desk', { running })], stages: [stage('s', 'b')] })).toEqual([
      ['a', 'b'],
    ]);
  });

  test('of several residents the one with the least work ahead makes room', () => {
    const models = [model('a', { bytes: 10e9 }), model('b', { bytes: 10e9 }), model('c', { bytes: 10e9 })];
    const both = host('desk', { resident: ['a', 'b'], serves: ['a', 'b', 'c'] });
    const stages = [stage('later', 'a', { state: 'coming', needs: ['now'], calls: 5 }), stage('now', 'c')];
    expect(wantOf({ models, hosts: [both], stages })).toEqual([['a', 'c']]);
  });
});
