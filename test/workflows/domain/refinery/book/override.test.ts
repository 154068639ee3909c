import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { submissionKey } from '../../../../../workflows/domain/queue/submission.ts';
import { statusOfBook } from '../../../../../workflows/domain/refinery/book/status.ts';
import { acts, happens, playOut } from './play.ts';
import { openWorld, pairOf, submissionOf, type Truth } from './world.ts';

const none: ReadonlySet<never> = new Set<never>();
const truthOf = (more: Partial<Truth>): Truth => ({
  ...{ count: 6, slots: 2, bad: none, quarrels: none, conflicts: none, redOutsiders: none },
  ...more,
});

describe('a direct landing', () => {
  test('goes before all that waits, alone, and is tested like everything else', () => {
    const world = openWorld(truthOf({}));
    for (let number = 0; number < 3; number++) world.submit(number);
    world.settle();
    world.direct(4);
    playOut(world);
    expect(world.onMain()[0]).toBe(4);
    expect(world.landings[0]).toMatchObject({ isGreen: true, tested: true });
    expect(world.onMain()).toHaveLength(4);
  });

  test('Q1: while a person lands a bead, its own submission stays beside the queue, and hears that it has landed', () => {
    const world = openWorld(truthOf({}));
    world.submit(1);
    world.settle();
    const { bead, attempt, head } = world.direct(1);
    expect(world.verdicts.get(submissionKey(submissionOf(1)))?.map(({ outcome }) => outcome)).toEqual([
      'withdrawn',
    ]);
    const again = world.submit(1, 2);
    expect(world.book().entries).toHaveLength(1);
    playOut(world);
    expect(world.verdicts.get(submissionKey({ bead, attempt, head }))).toMatchObject([{ outcome: 'landed' }]);
    expect(world.verdicts.get(submissionKey(again))).toMatchObject([{ outcome: 'landed' }]);
    expect(world.onMain()).toEqual([1]);
  });

  test('Q1: a red one is sent back, and the bead’s own submission takes its turn', () => {
    const world = openWorld(truthOf({ bad: new Set([1]) }));
    const direct = world.direct(1);
    const own = world.submit(1, 2);
    playOut(world);
    for (const one of [direct, own])
      expect(world.verdicts.get(submissionKey(one))).toMatchObject([{ outcome: 'sentBack' }]);
  });
});

describe('an override', () => {
  test('lands without a run, and nothing else does until the target itself has passed', () => {
    const world = openWorld(truthOf({}));
    for (let number = 0; number < 3; number++) world.submit(number);
    world.settle();
    world.direct(4, 'the shop is down');
    world.settle();
    expect(world.onMain()).toEqual([4]);
    expect(world.book().queue.running.filter(({ stale }) => !stale)).toMatchObject([{ purpose: 'base' }]);
    expect(statusOfBook(world.book()).untested).toMatchObject({ by: 'ada', reason: 'the shop is down' });
    expect(statusOfBook(world.book()).queue[0]?.why).toMatch(
      /is tested|nothing lands until the target has passed/,
    );
    playOut(world);
    expect(world.onMain()).toHaveLength(4);
    expect(world.book().untested).toBeUndefined();
    const [override, next] = world.landings;
    expect(override).toMatchObject({ override: true, members: [4] });
    expect(next).toMatchObject({ isGreen: true, tested: true, onGreen: true });
  });

  test('a test that began before and passes does not open the queue', () => {
    const world = openWorld(truthOf({ slots: 3 }));
    world.submit(0);
    world.settle();
    const before = world.tests().at(-1) as number;
    world.direct(4, 'now');
    world.settle();
    world.end(before);
    world.direct(5);
    world.settle();
    const fresh = world.book().queue.running.filter(({ stale }) => !stale);
    expect(fresh).toMatchObject([{ purpose: 'base' }]);
    expect(world.onMain()).toEqual([4]);
    playOut(world);
    expect(world.onMain()).toEqual([4, 5, 0]);
  });

  test('an idle queue tests the new target all the same', () => {
    const world = openWorld(truthOf({}));
    world.direct(4, 'now');
    world.settle();
    expect(world.tests()).toHaveLength(1);
    playOut(world);
    expect(world.book().queue.base).toMatchObject({ doubted: false });
    expect(world.book().queue.base.closed).toBeUndefined();
  });

  test('Q4: with a red target the queue stops, proposes the revert, and goes on once that lands', () => {
    const world = openWorld(truthOf({ bad: new Set([4]), mends: new Set([5]) }));
    world.submit(0);
    world.direct(4, 'now');
    playOut(world);
    const { stopped, tip } = world.book();
    expect(stopped?.failure).toMatchObject({
      type: 'BaseRed',
      what: expect.stringContaining('c/e/4 landed on it'),
      next: expect.stringContaining(`gt land --revert ${tip?.commit} --rig rig --target main`),
    });
    expect(world.onMain()).toEqual([4]);
    world.direct(5);
    playOut(world);
    expect(world.onMain()).toEqual([4, 5, 0]);
    expect(world.book().stopped).toBeUndefined();
    expect(world.book().untested).toBeUndefined();
  });

  test('what mends a red target was tested with it, so the queue is open at once', () => {
    const world = openWorld(truthOf({ bad: new Set([4]), mends: new Set([5]) }));
    world.direct(4, 'now');
    playOut(world);
    world.direct(5);
    world.settle();
    world.end(world.tests()[0] as number);
    world.settle();
    expect(world.onMain()).toEqual([4, 5]);
    expect(world.tests()).toEqual([]);
    expect(world.book().untested).toBeUndefined();
  });

  test('another override waits until it is known whether the target is green', () => {
    const world = openWorld(truthOf({}));
    world.direct(4, 'now');
    world.direct(5, 'now, too');
    world.settle();
    expect(world.onMain()).toEqual([4]);
    playOut(world);
    expect(world.onMain()).toEqual([4, 5]);
  });

  test('Q1: withdrawn while it lands, it has landed', () => {
    const world = openWorld(truthOf({}));
    const one = world.direct(4, 'now');
    world.whileOverriding(() => world.withdrawOne(one));
    world.settle();
    expect(world.verdicts.get(submissionKey(one))?.map(({ outcome }) => outcome)).toEqual(['landed']);
  });

  test('G5: one that landed without anybody hearing of it closes the queue as well, and lands once', () => {
    const world = openWorld(truthOf({ bad: new Set([4]) }));
    world.submit(0);
    world.loseNext();
    const one = world.direct(4, 'now');
    playOut(world);
    world.lookAgain();
    playOut(world);
    expect(world.onMain()).toEqual([4]);
    expect(world.verdicts.get(submissionKey(one))).toMatchObject([{ outcome: 'landed' }]);
    expect(world.book().stopped?.failure.next).toContain('gt land --revert');
  });

  test('one that does not merge is sent back, and the queue stays open', () => {
    const world = openWorld(truthOf({ conflicts: new Set(['0 4']) }));
    world.submit(0);
    playOut(world);
    const one = world.direct(4, 'now');
    playOut(world);
    expect(world.verdicts.get(submissionKey(one))).toMatchObject([{ outcome: 'sentBack' }]);
    expect(world.onMain()).toEqual([0]);
  });

  test('Q1 Q2 Q4: whatever else happens, after an override the next landing stands on a green target or mends a red one', () => {
    const number = fc.nat(7);
    const act = fc.oneof(
      ...acts,
      fc.record({ kind: fc.constant('direct' as const), number, untested: fc.boolean() }),
      fc.record({ kind: fc.constant('lose' as const) }),
    );
    const pairs = fc.array(fc.tuple(number, number), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.uniqueArray(number, { maxLength: 3 }),
        fc.uniqueArray(number, { maxLength: 2 }),
        pairs,
        fc.array(act, { maxLength: 40 }),
        (slots, bad, mends, conflicts, some) => {
          const world = openWorld(
            truthOf({
              ...{ count: 8, slots, bad: new Set(bad), mends: new Set(mends) },
              conflicts: new Set(conflicts.filter(([a, b]) => a !== b).map(([a, b]) => pairOf(a, b))),
            }),
          );
          for (const one of some) {
            if (one.kind === 'direct') world.direct(one.number, one.untested ? 'now' : undefined);
            else if (one.kind === 'lose') world.loseNext();
            else happens(world, one);
            world.settle();
          }
          playOut(world);
          world.landings.forEach((one, at) => {
            if (one.override === true) return;
            expect(one).toMatchObject({ isGreen: true, tested: true });
            const before = world.landings[at - 1];
            if (before?.override !== true || one.onGreen) return;
            expect(one.members.some((member) => mends.includes(member))).toBe(true);
          });
          const everyone = world.onMain();
          expect(new Set(everyone).size).toBe(everyone.length);
          if (world.book().stopped === undefined) expect(world.book().entries).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
