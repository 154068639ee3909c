import fc from 'fast-check';
import type { Submission } from '../../../../../workflows/domain/queue/submission.ts';
import type { openWorld } from './world.ts';

export type World = ReturnType<typeof openWorld>;

/** Ends tests, always the one that `pick` says, until nothing runs. */
export const playOut = (world: World, pick = (): number => 0): void => {
  for (let step = 0; step < 2_000; step++) {
    world.settle();
    const running = world.tests();
    if (running.length === 0) return;
    world.end(running[pick() % running.length] as number);
  }
  throw new Error('the queue never ends');
};

const number = fc.nat(7);

/** What may happen to any queue, between its own steps. */
export const acts = [
  fc.record({ kind: fc.constant('submit' as const), number, attempt: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('withdraw' as const), number }),
  fc.record({ kind: fc.constant('outsider' as const) }),
  fc.record({ kind: fc.constant('look' as const) }),
  fc.record({
    kind: fc.constant('end' as const),
    which: fc.nat(50),
    how: fc.constantFrom('truly' as const, 'truly' as const, 'broken' as const),
  }),
] as const;

export type Act = (typeof acts)[number] extends fc.Arbitrary<infer One> ? One : never;

/** Lets it happen; what was submitted by it. */
export const happens = (world: World, one: Act): Submission | undefined => {
  switch (one.kind) {
    case 'submit':
      return world.submit(one.number, one.attempt);
    case 'withdraw':
      world.withdraw(one.number);
      return;
    case 'outsider':
      world.outsider();
      return;
    case 'look':
      world.lookAgain();
      return;
    case 'end': {
      const running = world.tests();
      const run = running[one.which % Math.max(1, running.length)];
      if (run !== undefined) world.end(run, one.how);
      return;
    }
  }
};
