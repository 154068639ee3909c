import fc from 'fast-check';
import { expect, test } from 'vitest';
import { handedOver, handoverOf } from '../../../../workflows/domain/bead/beadHandover.ts';
import {
  type BeadLife,
  charge,
  mislaid,
  newLife,
  opened,
  resumed,
  startTurn,
  worked,
} from '../../../../workflows/domain/bead/beadLife.ts';
import {
  applied,
  gatesGreen,
  gatesRed,
  rebased,
  refusalsPerFailure,
  refused,
  sentBack,
} from '../../../../workflows/domain/bead/beadOutcome.ts';
import { lastEvidence, remembered } from '../../../../workflows/domain/bead/feedback.ts';
import { totalTokens } from '../../../../workflows/domain/host/model.ts';

const caps = { turns: 10, tokens: 10_000, wallMs: 60_000, attempts: 3 };
const feedback = { kind: 'gates', summary: 'one test is red', ref: 'f'.repeat(64) } as const;
const usage = (tokens: number) => ({ calls: 1, promptTokens: tokens, completionTokens: 0, estimated: false });
const begun = opened(newLife(caps), { base: 'a', head: 'a' });

type Move = (life: BeadLife) => BeadLife;
const moves: readonly Move[] = [
  startTurn,
  (life) => charge(life, usage(100)),
  (life) => worked(life, 1_000),
  (life) => applied(life, 'b'),
  (life) => refused(life, feedback),
  (life) => gatesRed(life, feedback),
  gatesGreen,
  (life) => sentBack(life, feedback),
  (life) => rebased(life, { base: 'c', head: 'd', feedback: undefined }),
  (life) => resumed(life, {}),
];
const anyLife = fc.array(fc.constantFrom(...moves), { maxLength: 60 });

test('G10: which test is red is known after two refusals and a fresh conversation, until the gates are green', () => {
  const malformed = { kind: 'malformed', summary: 'no path before the block', ref: '' } as const;
  const unsafe = { kind: 'unsafe', summary: 'a path outside', ref: '' } as const;
  const refusedTwice = refused(refused(gatesRed(begun, feedback), malformed), unsafe);
  expect(refusedTwice.feedback).toEqual([feedback, unsafe]);
  const fresh = refused(refused(handedOver(refusedTwice, 'note', undefined), malformed), malformed);
  expect(fresh.feedback).toEqual([malformed, malformed]);
  expect(remembered(fresh)[0]).toEqual(feedback);
  expect(lastEvidence(fresh)).toContain('GateRed: one test is red');
  expect(lastEvidence(gatesGreen(fresh))).not.toContain('GateRed');
});

test('attempts only ever grow, so no old verdict can be taken for a new one', () => {
  fc.assert(
    fc.property(anyLife, (steps) => {
      let life = begun;
      for (const step of steps) {
        const next = step(life);
        expect(next.attempt).toBeGreaterThanOrEqual(life.attempt);
        life = next;
      }
    }),
  );
});

test('G7: what is charged is never forgotten', () => {
  fc.assert(
    fc.property(anyLife, (steps) => {
      const charges = steps.filter((step) => step === moves[1]).length;
      const life = steps.reduce((at, step) => step(at), begun);
      expect(totalTokens(life.spent.usage)).toBe(charges * 100);
      expect(life.spent.usage.calls).toBe(charges);
    }),
  );
});

test('a life is small and plain, whatever happened: it travels through continue-as-new', () => {
  fc.assert(
    fc.property(anyLife, (steps) => {
      const life = steps.reduce((at, step) => step(at), begun);
      expect(life.feedback.length).toBeLessThanOrEqual(2);
      expect(JSON.parse(JSON.stringify(life))).toEqual(JSON.parse(JSON.stringify({ ...life })));
      expect(JSON.stringify(life).length).toBeLessThan(2_000);
    }),
  );
});

test('so many unusable replies in a row are one failed try', () => {
  let life = begun;
  for (let count = 1; count < refusalsPerFailure; count++) life = refused(life, feedback);
  expect(life.failures).toBe(0);
  expect(refused(life, feedback)).toMatchObject({ failures: 1, refusals: 0 });
});

test('work that was rebased clean is gated again; lost work is written anew', () => {
  const back = sentBack(applied(begun, 'b'), undefined);
  expect(back.todo).toBe('rebase');
  expect(rebased(back, { base: 'x', head: 'y', feedback: undefined }).todo).toBe('gates');
  expect(rebased(back, { base: 'x', head: 'x', feedback }).todo).toBe('compose');
});

test('G4: a worktree that is gone is opened again; work that is found on the branch is gated before it is submitted', () => {
  const lost = mislaid(gatesGreen(applied(begun, 'b')));
  expect(lost.todo).toBe('open');
  expect(opened(lost, { base: 'a', head: 'c' })).toMatchObject({ todo: 'gates', head: 'c' });
  expect(opened(lost, { base: 'x', head: 'x' })).toMatchObject({ todo: 'compose', base: 'x' });
});

test('G4: a new life that finds work on its branch has it gated; one that knows its work goes on where it was', () => {
  expect(opened(newLife(caps), { base: 'a', head: 'b' }).todo).toBe('gates');
  const known = gatesGreen(applied(begun, 'b'));
  expect(opened(known, { base: 'a', head: 'b' }).todo).toBe('submit');
});

test('a hand-over to a model of the ladder changes the rung; any other leaves a trace and goes on with the present one', () => {
  const ladder = ['small', 'big'];
  expect(handoverOf({ reason: 'stuck' }, ladder, 0)).toEqual({ rung: undefined, said: 'stuck' });
  expect(handoverOf({ reason: 'stuck', model: 'big' }, ladder, 0)).toEqual({ rung: 1, said: 'stuck' });
  expect(handoverOf({ reason: 'stuck', model: 'bigg' }, ladder, 0)).toEqual({
    rung: undefined,
    said: 'stuck (goes on with small, not with "bigg": its ladder of models is small, big)',
  });
});
