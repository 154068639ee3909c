import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BeadReport } from '../../../../workflows/domain/fleet/beadReport.ts';
import {
  epicTold,
  hostLost,
  hostTold,
  type KnownFleet,
  noFleet,
  steered,
  withoutExpired,
} from '../../../../workflows/domain/fleet/known.ts';
import { beadOf, callOf, reportOf } from './told.ts';

const ended = (bead: string, over: object = {}) => ({ ...callOf(bead), ms: 400, ...over });
const whole = (beads: readonly BeadReport[], epic = 'c/e') => ({
  epic,
  whole: true as const,
  beads,
  gone: [],
});

describe('what hosts tell', () => {
  test('the last word of a host counts, and what it tells once is not kept in it', () => {
    const swap = { at: 900, from: [], to: ['coder'], drainMs: 1, unloadMs: 2, loadMs: 3 };
    const first = hostTold(noFleet, reportOf('box', { open: ['coder'], swaps: [swap] }));
    const second = hostTold(first, reportOf('box', { open: ['critic'], at: 2_000 }));
    expect(second.hosts['box']).toMatchObject({ lost: false, report: { open: ['critic'], swaps: [] } });
    expect(second.swaps).toEqual([{ ...swap, host: 'box', why: 'by the host’s own rule' }]);
  });

  test('only so many swaps are remembered, the newest', () => {
    const swap = (at: number) => ({ at, from: [], to: ['coder'], drainMs: 0, unloadMs: 0, loadMs: 0 });
    let known: KnownFleet = noFleet;
    for (let at = 0; at < 120; at += 1) known = hostTold(known, reportOf('box', { swaps: [swap(at)] }));
    expect(known.swaps.length).toBe(50);
    expect(known.swaps.at(-1)?.at).toBe(119);
  });

  test('calls of one kind in a row are counted together, and begin anew with another kind', () => {
    const told = epicTold(noFleet, whole([beadOf('a', { state: 'working' })]));
    const twice = hostTold(told, reportOf('box', { ended: [ended('a'), ended('a', { role: 'note' })] }));
    expect(twice.seen['c/e/a']).toMatchObject({ kind: 'code', calls: 2, ms: 800 });
    const reviewed = hostTold(twice, reportOf('box', { ended: [ended('a', { role: 'reviewer' })] }));
    expect(reviewed.seen['c/e/a']).toMatchObject({ kind: 'review', calls: 1, ms: 400 });
  });

  test('a host that lost its holder serves nobody until it reports again', () => {
    const known = hostTold(noFleet, reportOf('box', { open: ['coder'], running: [callOf('a')] }));
    const lost = hostLost(known, 'box');
    expect(lost.hosts['box']).toMatchObject({ lost: true, report: { open: [], running: [] } });
    expect(hostTold(lost, reportOf('box')).hosts['box']?.lost).toBe(false);
    expect(hostLost(known, 'nobody')).toBe(known);
  });
});

describe('nothing is kept of beads that nobody stands for', () => {
  test('a call of a bead of which no epic has told leaves nothing behind', () => {
    expect(hostTold(noFleet, reportOf('box', { ended: [ended('a')] })).seen).toEqual({});
  });

  test('an epic that ends forgets the calls of its beads, and a call that is told afterwards brings nothing back', () => {
    const begun = epicTold(noFleet, whole([beadOf('a', { state: 'working' }), beadOf('b')]));
    const seen = hostTold(begun, reportOf('box', { ended: [ended('a'), ended('b')] }));
    expect(Object.keys(seen.seen)).toHaveLength(2);
    const partly = epicTold(seen, { epic: 'c/e', beads: [], gone: ['c/e/a'] });
    expect(Object.keys(partly.seen)).toEqual(['c/e/b']);
    const over = epicTold(partly, whole([]));
    expect(over).toMatchObject({ epics: {}, seen: {} });
    expect(hostTold(over, reportOf('box', { ended: [ended('a')] })).seen).toEqual({});
  });

  test('whatever is told in whatever order, only beads of living epics are remembered', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const step = fc.oneof(
      fc.record({ epic: fc.constantFrom('e', 'f'), beads: fc.subarray(ids), gone: fc.subarray(ids) }),
      fc.record({ epic: fc.constantFrom('e', 'f'), whole: fc.subarray(ids) }),
      fc.record({ calls: fc.array(fc.tuple(fc.constantFrom('e', 'f'), fc.constantFrom(...ids))) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let known: KnownFleet = noFleet;
        for (const one of steps) {
          if ('calls' in one) {
            const calls = one.calls.map(([epic, bead]) => ended(bead, { bead: `c/${epic}/${bead}` }));
            known = hostTold(known, reportOf('box', { ended: calls }));
            continue;
          }
          const key = (id: string): string => `c/${one.epic}/${id}`;
          const beads = ('whole' in one ? one.whole : one.beads).map((id) => beadOf(id, { bead: key(id) }));
          const gone = 'gone' in one ? one.gone.map(key) : [];
          const all = 'whole' in one ? { whole: true as const } : {};
          known = epicTold(known, { epic: `c/${one.epic}`, ...all, beads, gone });
        }
        const told = new Set(
          Object.values(known.epics)
            .flat()
            .map(({ bead }) => bead),
        );
        for (const bead of Object.keys(known.seen)) expect(told).toContain(bead);
        for (const beads of Object.values(known.epics)) expect(beads.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('what people say', () => {
  test('a word for a host stands beside earlier ones until it is taken back', () => {
    const pinned = steered(noFleet, 'box', { pinned: ['coder'], asked: undefined });
    const drained = steered(pinned, 'box', { drained: true });
    expect(drained.steering['box']).toEqual({ pinned: ['coder'], drained: true });
    expect(steered(drained, 'box', { drained: undefined }).steering['box']).toEqual({ pinned: ['coder'] });
  });

  test('a model that was asked for is asked for no longer than said, whether its host reports or not', () => {
    const asked = steered(noFleet, 'box', { asked: { models: ['coder'], until: 5_000 } });
    expect(withoutExpired(asked, 4_999)).toBe(asked);
    expect(withoutExpired(asked, 5_000).steering['box']).toEqual({});
    const pinned = steered(asked, 'desk', { pinned: ['critic'] });
    expect(withoutExpired(pinned, 9_000).steering).toEqual({ box: {}, desk: { pinned: ['critic'] } });
  });
});
