import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { submissionKey } from '../../../../../workflows/domain/queue/submission.ts';
import { acts, happens, playOut } from './play.ts';
import { openWorld, pairOf, submissionOf, type Truth } from './world.ts';

const truths = fc
  .record({
    count: fc.integer({ min: 1, max: 14 }),
    slots: fc.integer({ min: 1, max: 6 }),
    bad: fc.uniqueArray(fc.nat(13), { maxLength: 4 }),
    quarrels: fc.array(fc.tuple(fc.nat(13), fc.nat(13)), { maxLength: 3 }),
    conflicts: fc.array(fc.tuple(fc.nat(13), fc.nat(13)), { maxLength: 5 }),
  })
  .map(({ count, slots, bad, quarrels, conflicts }): Truth => {
    const pairs = (all: readonly (readonly [number, number])[]): ReadonlySet<string> =>
      new Set(all.filter(([a, b]) => a !== b).map(([a, b]) => pairOf(a, b)));
    return {
      ...{ count, slots, bad: new Set(bad), redOutsiders: new Set<number>() },
      quarrels: pairs(quarrels),
      conflicts: pairs(conflicts),
    };
  });

const picks = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 20 });

const pickFrom = (list: readonly number[]): (() => number) => {
  let at = 0;
  return () => list[at++ % list.length] as number;
};

describe('a merge queue', () => {
  test('Q1 Q2 Q3: every branch has one verdict in the end, each landing was tested as exactly that tree, and the target is green', () => {
    fc.assert(
      fc.property(truths, picks, (truth, stream) => {
        const world = openWorld(truth);
        for (let number = 0; number < truth.count; number++) {
          world.submit(number);
          if (number % 3 === 2) world.settle();
        }
        playOut(world, pickFrom(stream));
        for (let number = 0; number < truth.count; number++) {
          const verdicts = world.verdicts.get(submissionKey(submissionOf(number))) ?? [];
          expect(verdicts).toHaveLength(1);
          const [verdict] = verdicts;
          expect(verdict?.outcome === 'landed').toBe(world.onMain().includes(number));
          if (verdict?.outcome !== 'sentBack') continue;
          // Alone twice, or for a conflict with what has landed.
          if (verdict.failure.type === 'MergeConflict')
            expect(world.onMain().some((one) => truth.conflicts.has(pairOf(one, number)))).toBe(true);
          else expect(world.loneReds.get(number) ?? 0).toBeGreaterThanOrEqual(2);
        }
        for (const one of world.landings) expect(one).toMatchObject({ isGreen: true, tested: true });
        expect(world.book().entries).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('Q1: withdrawals, newer attempts, broken machines and commits of others in between lose nobody', () => {
    fc.assert(
      fc.property(truths, fc.array(fc.oneof(...acts), { maxLength: 40 }), picks, (truth, some, stream) => {
        const world = openWorld(truth);
        const asked = new Set<string>();
        for (const one of some) {
          const submitted = happens(world, one);
          if (submitted !== undefined) asked.add(submissionKey(submitted));
          world.settle();
        }
        playOut(world, pickFrom(stream));
        for (const key of asked) expect(world.verdicts.get(key)?.length ?? 0).toBeGreaterThanOrEqual(1);
        for (const one of world.landings) expect(one).toMatchObject({ isGreen: true, tested: true });
        expect(world.book().stopped).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('Q3: nobody is sent back for runs that failed by themselves, as long as one alone passes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 6 }),
        picks,
        (count, slots, stream) => {
          const none = new Set<never>();
          const world = openWorld({
            count,
            slots,
            bad: none,
            quarrels: none,
            conflicts: none,
            redOutsiders: none,
          });
          for (let number = 0; number < count; number++) world.submit(number);
          world.settle();
          // Every first run fails whatever it holds.
          for (const run of world.tests()) world.end(run, 'flakes');
          playOut(world, pickFrom(stream));
          const outcomes = [...world.verdicts.values()].flat();
          const sentBack = outcomes.filter(({ outcome }) => outcome === 'sentBack').length;
          const twice = [...world.loneReds.values()].filter((reds) => reds >= 2).length;
          expect(sentBack).toBeLessThanOrEqual(twice);
          expect(outcomes).toHaveLength(count);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('Q4: a hotfix that mends a red target is tested and lands, and the queue goes on', () => {
    const none = new Set<never>();
    const world = openWorld({
      ...{ count: 4, slots: 2, bad: none, quarrels: none, conflicts: none },
      ...{ redOutsiders: new Set([1]), mends: new Set([3]) },
    });
    world.outsider();
    for (let number = 0; number < 3; number++) world.submit(number);
    playOut(world, () => 0);
    expect(world.book().stopped?.failure).toMatchObject({ type: 'BaseRed' });
    world.submit(3);
    world.hotfix(3);
    playOut(world, () => 0);
    expect(world.onMain()[0]).toBe(3);
    expect(world.book().stopped).toBeUndefined();
    expect([...world.onMain()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  test('Q4: a hotfix that mends nothing leaves the queue stopped, and is not tested for ever', () => {
    const none = new Set<never>();
    const world = openWorld({
      ...{ count: 2, slots: 2, bad: none, quarrels: none, conflicts: none },
      redOutsiders: new Set([1]),
    });
    world.outsider();
    world.submit(0);
    world.submit(1);
    world.hotfix(1);
    playOut(world, () => 0);
    expect(world.book().stopped?.failure).toMatchObject({ type: 'BaseRed' });
    expect(world.onMain()).toEqual([]);
  });

  test('Q4: a target that fails its own gates twice stops the queue, and it goes on when somebody mends it', () => {
    const none = new Set<never>();
    const world = openWorld({
      ...{ count: 3, slots: 2, bad: none, quarrels: none, conflicts: none },
      redOutsiders: new Set([1]),
    });
    world.outsider();
    for (let number = 0; number < 3; number++) world.submit(number);
    playOut(world, () => 0);
    expect(world.book().stopped?.failure).toMatchObject({ type: 'BaseRed' });
    expect([...world.verdicts.values()].flat()).toEqual([]);
    world.outsider();
    world.lookAgain();
    playOut(world, () => 0);
    expect([...world.verdicts.values()].flat().map(({ outcome }) => outcome)).toEqual([
      'landed',
      'landed',
      'landed',
    ]);
  });
});
