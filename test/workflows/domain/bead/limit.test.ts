import fc from 'fast-check';
import { expect, test } from 'vitest';
import { climbed } from '../../../../workflows/domain/bead/beadHandover.ts';
import {
  type BeadLife,
  charge,
  newLife,
  opened,
  resumed,
  startTurn,
  worked,
} from '../../../../workflows/domain/bead/beadLife.ts';
import { gatesRed } from '../../../../workflows/domain/bead/beadOutcome.ts';
import { limitOf } from '../../../../workflows/domain/bead/limit.ts';
import { spentMoney, totalTokens } from '../../../../workflows/domain/host/model.ts';

const caps = { turns: 10, tokens: 10_000, wallMs: 60_000, attempts: 3, money: 2_000_000 };
const feedback = { kind: 'gates', summary: 'one test is red', ref: 'f'.repeat(64) } as const;
const usage = (tokens: number) => ({ calls: 1, promptTokens: tokens, completionTokens: 0, estimated: false });
const begun = opened(newLife(caps), { base: 'a', head: 'a' });

test.each([
  ['turns', startTurn],
  ['tokens', (life: BeadLife) => charge(life, usage(1_000))],
  ['minutes', (life: BeadLife) => worked(life, 6_000)],
  ['money', (life: BeadLife) => charge(life, { ...usage(1), money: 200_000 })],
])('G7: a cap of %s blocks, and raising it goes on', (flag, spend) => {
  let life = begun;
  for (let count = 0; count < 10; count++) life = spend(life);
  const limit = limitOf(life, 'c/e/b', 1);
  expect(limit).toMatchObject({ kind: 'blocked', failure: { type: 'BudgetExhausted' } });
  expect(limit.kind === 'blocked' && limit.failure.next).toContain(`--${flag}`);
  const raised = resumed(life, { turns: 5, tokens: 5_000, wallMs: 60_000, money: 1_000_000 });
  expect(limitOf(raised, 'c/e/b', 1)).toEqual({ kind: 'go' });
});

test('used-up tries climb the ladder of models, and block on its last rung', () => {
  const tired = [1, 2, 3].reduce((life) => gatesRed(life, feedback), begun);
  expect(limitOf(tired, 'c/e/b', 2)).toEqual({ kind: 'climb', rung: 1 });
  const above = climbed(tired, 1);
  expect(limitOf(above, 'c/e/b', 2)).toEqual({ kind: 'go' });
  const done = [1, 2, 3].reduce((life) => gatesRed(life, feedback), above);
  expect(limitOf(done, 'c/e/b', 2)).toMatchObject({
    kind: 'blocked',
    failure: { type: 'AttemptsExhausted', evidence: 'GateRed: one test is red\nGateRed: one test is red' },
  });
});

test('G7, property: no call begins once a cap is reached, so a cap is passed by one call at most', () => {
  const call = fc.record({
    tokens: fc.nat({ max: 3_000 }),
    money: fc.nat({ max: 700_000 }),
    ms: fc.nat({ max: 20_000 }),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
      let life = begun;
      let last = { tokens: 0, money: 0, ms: 0 };
      for (const one of calls) {
        if (limitOf(life, 'c/e/b', 1).kind !== 'go') break;
        life = worked(charge(startTurn(life), { ...usage(one.tokens), money: one.money }), one.ms);
        last = one;
      }
      const { spent } = life;
      expect(spent.turns).toBeLessThanOrEqual(caps.turns);
      expect(totalTokens(spent.usage) - last.tokens).toBeLessThan(caps.tokens);
      expect(spentMoney(spent.usage) - last.money).toBeLessThan(caps.money);
      expect(spent.wallMs - last.ms).toBeLessThan(caps.wallMs);
    }),
  );
});
