import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Board, newBoard } from '../../../../workflows/domain/epicBoard.ts';
import type { BeadReport } from '../../../../workflows/domain/fleet/beadReport.ts';
import { beadsOfEpic, changedBeads } from '../../../../workflows/domain/fleet/beadsOfEpic.ts';
import { epicReportShape } from '../../../../workflows/domain/fleet/fleetShapes.ts';
import { epicTold, noFleet } from '../../../../workflows/domain/fleet/known.ts';
import { faultOf } from '../../../../workflows/domain/shape.ts';
import { beadOf, code } from './told.ts';

const step = (model: string) => ({ model, callTimeoutMs: 1 });
const settings = { ladders: { default: [step('coder'), step('larger')], deep: [step('deep')] } };
const place = { convoy: 'c', epic: 'e' };

const boardOf = (needs: Readonly<Record<string, readonly string[]>>): Board =>
  newBoard(
    Object.entries(needs).map(([id, each]) => ({
      ...{ id, title: '', taskRef: '', files: [], tier: undefined, gates: [], approvedFiles: [] },
      needs: each,
    })),
    { turns: 1, tokens: 1, wallMs: 1, attempts: 1 },
  );

describe('the beads of an epic', () => {
  test('stand for work until they are settled or parked, and need only what has not landed', () => {
    const board = boardOf({ a: [], b: ['a'], c: ['b'], d: [], e: [], f: [] });
    const states = { a: 'landed', b: 'working', d: 'blocked', e: 'parked', f: 'held' } as const;
    for (const [id, state] of Object.entries(states)) Object.assign(board.get(id) ?? {}, { state });
    const told = [...beadsOfEpic(board, { ...place, settings }).values()];
    expect(told.map(({ bead, state, needs }) => [bead, state, needs])).toEqual([
      ['c/e/b', 'working', []],
      ['c/e/c', 'coming', ['c/e/b']],
    ]);
  });

  test('are told with the model that works on them now, else with the first of their own or of their tier', () => {
    const board = boardOf({ a: [], b: [], c: [] });
    Object.assign(board.get('a') ?? {}, { model: 'larger' });
    const own = board.get('b');
    if (own !== undefined) own.spec = { ...own.spec, ladder: [step('own'), step('next')], estimateMs: 7 };
    const tiered = board.get('c');
    if (tiered !== undefined) tiered.spec = { ...tiered.spec, tier: 'deep' };
    const told = beadsOfEpic(board, { ...place, settings });
    expect([...told.values()].map(({ steps }) => steps)).toEqual([
      [code('larger')],
      [{ ...code('own', 7), climbs: ['next'] }],
      [code('deep')],
    ]);
  });

  test('are told with all models that would do until it is decided who works on them', () => {
    const board = boardOf({ a: [], b: [] });
    const open = [1, 2].map((rank) => ({ ...step(`m${rank}`), rank }));
    const told = (): unknown =>
      [
        ...beadsOfEpic(board, { ...place, settings: { ...settings, routes: { default: open } } }).values(),
      ].map(({ steps }) => steps[0]);
    const both = { ...code('m1'), candidates: ['m1', 'm2'], climbs: ['m2'] };
    expect(told()).toEqual([both, both]);
    Object.assign(board.get('a') ?? {}, { model: 'm2' });
    const own = board.get('b');
    if (own !== undefined) own.spec = { ...own.spec, ladder: [step('own')] };
    expect(told()).toEqual([code('m2'), code('own')]);
  });

  test('that nobody can work on are not told, and nothing is told twice', () => {
    const board = boardOf({ a: [], b: [] });
    expect(beadsOfEpic(board, { ...place, settings: { ladders: {} } }).size).toBe(0);
    const told = new Map(
      [...beadsOfEpic(board, { ...place, settings })].map(([id, one]) => [id, { ...one, since: 1 }]),
    );
    const later = new Map([...told].map(([id, one]) => [id, { ...one, since: 2 }]));
    expect(changedBeads('c/e', told, later)).toEqual([]);
    expect(changedBeads('c/e', undefined, new Map())).toEqual([
      { epic: 'c/e', whole: true, beads: [], gone: [] },
    ]);
  });
});

/** What an epic's board may come to. */
const standing = fc
  .uniqueArray(
    fc.record({
      bead: fc.integer({ min: 0, max: 150 }).map((id) => `c/e/b${id}`),
      state: fc.constantFrom<'coming' | 'working'>('coming', 'working'),
      needs: fc.subarray(['c/e/b0', 'c/e/b1', 'c/e/b2']),
      model: fc.constantFrom('coder', 'critic'),
    }),
    { selector: ({ bead }) => bead, maxLength: 130 },
  )
  .map(
    (beads) =>
      new Map<string, BeadReport>(
        beads.map(({ model, ...one }) => [one.bead, { ...one, since: 5, steps: [code(model)] }]),
      ),
  );

describe('what an epic tells', () => {
  test('brings the fleet to the whole, whatever changed, and from nothing after a new beginning', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(standing, fc.boolean()), { maxLength: 6 }), (boards) => {
        let known = noFleet;
        let told: ReadonlyMap<string, BeadReport> | undefined;
        for (const [now, isNew] of boards) {
          if (isNew) told = undefined;
          for (const part of changedBeads('c/e', told, now)) known = epicTold(known, part);
          told = now;
          const has = [...(known.epics['c/e'] ?? [])].toSorted((a, b) => (a.bead < b.bead ? -1 : 1));
          expect(has).toEqual([...now.values()].toSorted((a, b) => (a.bead < b.bead ? -1 : 1)));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('fits a message, with the longest names and as many needs as an epic can have', () => {
    const long = (id: number): string =>
      [
        `convoy-${'x'.repeat(33)}`,
        `epic-${'x'.repeat(35)}`,
        `${String(id).padStart(3, '0')}-${'x'.repeat(36)}`,
      ].join('/');
    const ids = Array.from({ length: 400 }, (_, id) => long(id));
    const now = new Map(
      ids.map((bead, index) => [
        bead,
        beadOf(bead, { bead, needs: ids.slice(0, index), steps: [code('m'.repeat(40))] }),
      ]),
    );
    const gone = new Map(ids.map((bead) => [`${bead.slice(0, -2)}yy`, beadOf(bead, { bead })]));
    const parts = changedBeads('c/e', gone, now);
    for (const part of parts) expect(faultOf(epicReportShape, part)).toBeUndefined();
    expect(parts.flatMap(({ beads }) => beads)).toHaveLength(400);
    expect(parts.flatMap((part) => part.gone)).toHaveLength(400);
    expect(changedBeads('c/e', undefined, now).filter((part) => part.whole)).toHaveLength(1);
  });
});
