import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemble } from '../../../../workflows/domain/fleet/assemble.ts';
import type { BeadReport } from '../../../../workflows/domain/fleet/beadReport.ts';
import type { FleetHost, FleetState, Stage } from '../../../../workflows/domain/fleet/fleet.ts';
import type { HostReport } from '../../../../workflows/domain/fleet/hostReport.ts';
import {
  epicTold,
  hostLost,
  hostTold,
  type KnownFleet,
  noFleet,
  steered,
} from '../../../../workflows/domain/fleet/known.ts';
import { usual } from '../../../../workflows/domain/fleet/picture.ts';
import { planFleet } from '../../../../workflows/domain/fleet/plan.ts';
import { defaultFleetSettings } from '../../../../workflows/domain/fleet/settings.ts';
import { beadOf, callOf, code, facts, reportOf, review } from './told.ts';

const now = 10_000;

const knownOf = (beads: readonly BeadReport[], reports: readonly HostReport[] = []): KnownFleet => {
  const told = epicTold(noFleet, { epic: 'c/e', whole: true, beads, gone: [] });
  return reports.reduce(hostTold, told);
};
const pictureOf = (known: KnownFleet): FleetState => assemble(known, facts, now);
const stagesOf = (known: KnownFleet): readonly Stage[] => pictureOf(known).stages;
const hostOf = (known: KnownFleet, host = 'box'): FleetHost | undefined =>
  pictureOf(known).hosts.find((one) => one.host === host);

describe('a bead', () => {
  const both = [code('coder'), review('critic')];

  test('that is to come stands for its writing, behind what it needs, and for its review behind that', () => {
    const known = knownOf([beadOf('a', { steps: both }), beadOf('b', { needs: ['c/e/a', 'c/e/landed'] })]);
    expect(stagesOf(known).map(({ id, state, needs }) => [id, state, needs])).toEqual([
      ['c/e/a:code', 'coming', []],
      ['c/e/a:review', 'coming', ['c/e/a:code']],
      ['c/e/b:code', 'coming', ['c/e/a:review']],
    ]);
  });

  test('that works and has called nobody yet waits for its first call', () => {
    const known = knownOf([beadOf('a', { state: 'working', since: 700 })]);
    expect(stagesOf(known)).toMatchObject([{ id: 'c/e/a:code', state: 'ready', at: 700, calls: 3 }]);
  });

  test('whose call runs is running where that call runs, with the model of the call', () => {
    const call = callOf('a', { model: 'critic', since: 900 });
    const known = knownOf(
      [beadOf('a', { state: 'working' })],
      [reportOf('box', { open: ['critic'], running: [call] })],
    );
    expect(stagesOf(known)).toMatchObject([{ model: 'critic', state: 'running', at: 900 }]);
    expect(hostOf(known)?.running).toEqual([{ model: 'critic', stage: 'c/e/a:code', since: 900 }]);
  });

  test('between two calls pauses, and has fewer to come', () => {
    const ended = [{ ...callOf('a'), ms: 400 }];
    const known = knownOf([beadOf('a', { state: 'working' })], [reportOf('box', { at: 9_000, ended })]);
    expect(stagesOf(known)).toMatchObject([
      { state: 'gap', at: 9_000 + usual.gapMs, calls: 2, callMs: 400, gapMs: usual.gapMs },
    ]);
  });

  test('that has climbed goes on with the model that answered last', () => {
    const steps = [{ ...code('coder'), climbs: ['critic'] }];
    const ended = [{ ...callOf('a', { model: 'critic' }), ms: 400 }];
    const known = knownOf(
      [beadOf('a', { state: 'working', steps })],
      [reportOf('box', { at: 9_000, ended })],
    );
    expect(stagesOf(known)).toMatchObject([{ model: 'critic', state: 'gap', callMs: 400 }]);
  });

  test('that pauses, while a call that nobody speaks of waits for a model that it climbs to, is the one who waits', () => {
    const steps = [{ ...code('coder'), climbs: ['critic'] }];
    const known = knownOf(
      [beadOf('a', { state: 'working', steps }), beadOf('b', { state: 'working' })],
      [
        reportOf('box', {
          at: 9_000,
          ended: [
            { ...callOf('a'), ms: 400 },
            { ...callOf('b'), ms: 400 },
          ],
          waiting: [{ model: 'critic', calls: 1, since: 9_500 }],
        }),
      ],
    );
    expect(stagesOf(known)).toMatchObject([
      { id: 'c/e/a:code', model: 'critic', state: 'ready', at: 9_500 },
      { id: 'c/e/b:code', model: 'coder', state: 'gap' },
    ]);
  });

  test('whose next call is late is thought to be as late again, and is not held out for for ever', () => {
    const ended = [{ ...callOf('a'), ms: 1 }];
    const known = knownOf(
      [beadOf('a', { state: 'working', steps: [code('coder', 1_000)] })],
      [reportOf('box', { at: 4_000, ended })],
    );
    expect(stagesOf(known)).toMatchObject([{ state: 'gap', at: now + 6_000 }]);
  });

  test('of which it is not decided who works on it stands for work of what is resident, else of the smallest', () => {
    const steps = [{ ...code('critic'), candidates: ['critic', 'coder'] }];
    const known = knownOf([beadOf('a', { steps })]);
    expect(stagesOf(known)).toMatchObject([{ model: 'critic' }]);
    expect(stagesOf(hostTold(known, reportOf('box', { open: ['coder'] })))).toMatchObject([
      { model: 'coder' },
    ]);
  });

  test('at review stands for its review alone', () => {
    const call = callOf('a', { model: 'critic', role: 'reviewer', since: 900 });
    const known = knownOf(
      [beadOf('a', { state: 'working', steps: both })],
      [reportOf('box', { running: [call], ended: [{ ...callOf('a'), ms: 400 }] })],
    );
    expect(stagesOf(known).map(({ id, state, needs }) => [id, state, needs])).toEqual([
      ['c/e/a:review', 'running', []],
    ]);
  });

  test('that was sent back by its review writes again, and is reviewed again', () => {
    const reviewed = { ...callOf('a', { role: 'reviewer' }), ms: 10 };
    const known = knownOf(
      [beadOf('a', { state: 'working', steps: both })],
      [reportOf('box', { running: [callOf('a')], ended: [{ ...callOf('a'), ms: 400 }, reviewed] })],
    );
    expect(stagesOf(known).map(({ id, state }) => [id, state])).toEqual([
      ['c/e/a:code', 'running'],
      ['c/e/a:review', 'coming'],
    ]);
  });

  test('that begins anew after its review needs nothing of itself', () => {
    const reviewed = { ...callOf('a', { role: 'reviewer' }), ms: 10 };
    const first = knownOf(
      [beadOf('a', { state: 'working', steps: both })],
      [reportOf('box', { ended: [reviewed] })],
    );
    const again = epicTold(first, { epic: 'c/e', beads: [beadOf('a', { steps: both })], gone: [] });
    expect(stagesOf(again).map(({ id, needs }) => [id, needs])).toEqual([
      ['c/e/a:code', []],
      ['c/e/a:review', ['c/e/a:code']],
    ]);
  });

  test('with an estimate takes what the plan says, less what it has had', () => {
    const known = knownOf([beadOf('a', { state: 'working', steps: [code('coder', 1_000)] })]);
    expect(stagesOf(known)).toMatchObject([{ calls: 1, callMs: 1_000, gapMs: 0 }]);
    const later = hostTold(
      known,
      reportOf('box', { running: [callOf('a')], ended: [{ ...callOf('a'), ms: 700 }] }),
    );
    expect(stagesOf(later)).toMatchObject([{ calls: 1, callMs: 300, gapMs: 0 }]);
  });
});

describe("the server's count of waiting calls", () => {
  const working = (id: string, since: number) => beadOf(id, { state: 'working', since });
  const waiting = (calls: number, since = 8_000) => [{ model: 'coder', calls, since }];

  test('makes beads that pause ready, and calls beyond them are of nobody', () => {
    const ended = [{ ...callOf('a'), ms: 400 }];
    const known = knownOf([working('a', 100)], [reportOf('box', { ended, waiting: waiting(2) })]);
    expect(stagesOf(known).map(({ id, state, at, calls }) => [id, state, at, calls])).toEqual([
      ['c/e/a:code', 'ready', 8_000, 2],
      ['queue/coder/1', 'ready', 8_000, 1],
    ]);
  });

  test('counts no bead twice that is ready anyway', () => {
    const known = knownOf([working('a', 100), working('b', 200)], [reportOf('box', { waiting: waiting(2) })]);
    expect(stagesOf(known).map(({ id, at }) => [id, at])).toEqual([
      ['c/e/a:code', 100],
      ['c/e/b:code', 200],
    ]);
  });

  test('brings a review forward whose writing may be over, which then is', () => {
    const steps = [code('coder'), review('critic')];
    const known = knownOf(
      [beadOf('a', { state: 'working', steps })],
      [
        reportOf('box', {
          ended: [{ ...callOf('a'), ms: 400 }],
          waiting: [{ model: 'critic', calls: 1, since: 9_000 }],
        }),
      ],
    );
    expect(stagesOf(known).map(({ id, state, needs }) => [id, state, needs])).toEqual([
      ['c/e/a:review', 'ready', []],
    ]);
  });

  test('is believed once, of whoever counted last', () => {
    const known = knownOf(
      [],
      [
        reportOf('box', { at: 2_000, waiting: waiting(1) }),
        reportOf('desk', { at: 3_000, waiting: waiting(3) }),
      ],
    );
    expect(stagesOf(known)).toHaveLength(3);
  });

  test('of a host that counted nothing later than another counted something is that nothing waits', () => {
    const known = knownOf(
      [],
      [reportOf('box', { at: 2_000, waiting: waiting(4) }), reportOf('desk', { at: 3_000, open: ['coder'] })],
    );
    expect(stagesOf(known)).toEqual([]);
  });

  test('of a host that is gone is not believed: nobody may wait there any more', () => {
    const known = knownOf([], [reportOf('box', { waiting: waiting(4) })]);
    expect(stagesOf(hostLost(known, 'box'))).toEqual([]);
    expect(stagesOf(hostTold(known, reportOf('box', { waiting: waiting(4), away: 'left' })))).toEqual([]);
  });

  test('never lies in the future', () => {
    const known = knownOf([], [reportOf('box', { waiting: waiting(1, now + 5_000) })]);
    expect(stagesOf(known)).toMatchObject([{ at: now }]);
  });
});

describe('a host', () => {
  test('that has not reported, was lost, is quiet or has left serves nobody', () => {
    expect(hostOf(noFleet)?.away).toBe(true);
    const told = knownOf([], [reportOf('box', { open: ['coder'] })]);
    expect(hostOf(told)?.away).toBeUndefined();
    expect(hostOf(hostLost(told, 'box'))).toMatchObject({ away: true, resident: [] });
    for (const away of ['quiet', 'left'] as const)
      expect(hostOf(hostTold(told, reportOf('box', { away })))?.away).toBe(true);
  });

  test('is steered by what people said: a pin before a swap, a swap as long as it was asked for', () => {
    const told = knownOf([], [reportOf('box')]);
    const asked = steered(told, 'box', { asked: { models: ['critic'], until: now + 1 } });
    expect(hostOf(asked)?.pinned).toEqual(['critic']);
    expect(hostOf(steered(asked, 'box', { pinned: ['coder'] }))?.pinned).toEqual(['coder']);
    const over = steered(told, 'box', { asked: { models: ['critic'], until: now } });
    expect(hostOf(over)?.pinned).toBeUndefined();
    expect(hostOf(steered(told, 'box', { drained: true }))).toMatchObject({ drained: true });
  });

  test('in a swap is expected to end it after what loading and unloading take as a rule', () => {
    const swap = { phase: 'load', to: ['critic'], since: 9_000 } as const;
    expect(hostOf(knownOf([], [reportOf('box', { swap })]))?.swap).toEqual({
      to: ['critic'],
      endsAt: 34_000,
    });
  });

  test('whose swap is late is thought to need as long again', () => {
    const swap = { phase: 'load', to: ['critic'], since: -20_000 } as const;
    expect(hostOf(knownOf([], [reportOf('box', { swap })]))?.swap?.endsAt).toBe(now + 5_000);
  });

  test('teaches what its models take, which counts before what is written down', () => {
    const swap = { at: 1, from: ['coder'], to: ['critic'], drainMs: 0, unloadMs: 3_000, loadMs: 9_000 };
    const known = knownOf([], [reportOf('box', { swaps: [swap], sizes: [{ model: 'critic', bytes: 7 }] })]);
    const [coder, critic] = pictureOf(known).models;
    expect(coder).toMatchObject({ loadMs: 20_000, unloadMs: 3_000, bytes: undefined });
    expect(critic).toMatchObject({ loadMs: 9_000, unloadMs: 5_000, bytes: 7 });
  });
});

/** Anything that hosts and epics may have told, in any order. */
const worlds = fc.record({
  beads: fc.uniqueArray(
    fc.record({
      id: fc.nat(12),
      state: fc.constantFrom<'coming' | 'working'>('coming', 'working'),
      reviewed: fc.boolean(),
      estimate: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
      model: fc.constantFrom('coder', 'critic', 'unknown'),
      needs: fc.array(fc.nat(12), { maxLength: 3 }),
    }),
    { selector: ({ id }) => id, maxLength: 10 },
  ),
  reports: fc.array(
    fc.record({
      host: fc.constantFrom('box', 'desk', 'elsewhere'),
      at: fc.nat(20_000),
      open: fc.subarray(['coder', 'critic']),
      running: fc.array(fc.tuple(fc.nat(14), fc.constantFrom('polecat', 'reviewer', 'note')), {
        maxLength: 4,
      }),
      ended: fc.array(fc.tuple(fc.nat(14), fc.constantFrom('polecat', 'reviewer')), { maxLength: 4 }),
      waiting: fc.array(fc.tuple(fc.constantFrom('coder', 'critic', 'unknown'), fc.nat(5)), { maxLength: 2 }),
      lost: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
});

const worldOf = ({ beads, reports }: typeof worlds extends fc.Arbitrary<infer T> ? T : never): KnownFleet => {
  const told = beads.map(({ id, state, reviewed, estimate, model, needs }) =>
    beadOf(`b${id}`, {
      state,
      // A bead needs only earlier ones: plans have no cycles.
      needs: needs.filter((need) => need < id).map((need) => `c/e/b${need}`),
      steps: [code(model, estimate), ...(reviewed ? [review('critic')] : [])],
    }),
  );
  return reports.reduce((known, { host, at, open, running, ended, waiting, lost }) => {
    const call = ([id, role]: readonly [number, string]) =>
      callOf(`b${id}`, { role: role as 'polecat', model: open[0] ?? 'coder' });
    const next = hostTold(
      known,
      reportOf(host, {
        ...{ at, open },
        running: open.length === 0 ? [] : running.map(call),
        ended: ended.map((one) => ({ ...call(one), ms: 300 })),
        waiting: waiting.map(([model, calls]) => ({ model, calls, since: at })),
      }),
    );
    return lost ? hostLost(next, host) : next;
  }, knownOf(told));
};

test('whatever is told, every stage is there once, needs nothing of itself, has calls to make, and can be planned for', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const state = pictureOf(worldOf(world));
      const ids = state.stages.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const stage of state.stages) {
        expect(stage.needs).not.toContain(stage.id);
        expect(stage.calls).toBeGreaterThanOrEqual(1);
        expect(stage.callMs).toBeGreaterThan(0);
        if (stage.state === 'ready') expect(stage.needs).toEqual([]);
      }
      const plan = planFleet(state, { ...defaultFleetSettings, lookAhead: false });
      for (const { host, want } of plan.hosts) {
        const seen = state.hosts.find((one) => one.host === host);
        for (const model of want) expect(seen?.serves).toContain(model);
      }
    }),
    { numRuns: 150 },
  );
});
