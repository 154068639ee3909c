import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Spent } from '../../../../workflows/domain/bead/bead.ts';
import {
  ask,
  charge,
  chargedTokens,
  type DayLedger,
  freeTokens,
  grant,
  grantOfDay,
  isRefusal,
  type Ledger,
  leastPart,
  mostOfDay,
  openLedger,
  overCap,
  partOf,
  partWithin,
  raise,
  raiseFault,
  refund,
  refundOfDay,
  reserve,
  tooFew,
} from '../../../../workflows/domain/budget/allowance.ts';
import { noUsage } from '../../../../workflows/domain/host/model.ts';

const held = (ledger: Ledger): number => Object.values(ledger.held).reduce((sum, tokens) => sum + tokens, 0);
const member = fc.constantFrom('a', 'b', 'c');
const tokens = fc.integer({ min: -10, max: 500 });

type Step = readonly ['grant' | 'reserve' | 'charge' | 'refund', string, number];
const steps = fc.array(
  fc.tuple(
    fc.constantFrom('grant' as const, 'reserve' as const, 'charge' as const, 'refund' as const),
    member,
    tokens,
  ),
  { maxLength: 40 },
);

/** What happened to tokens from outside: how many came, how many were spent. */
const run = (ledger: Ledger, list: readonly Step[]) => {
  let granted = ledger.granted ?? 0;
  let charged = 0;
  let now = ledger;
  for (const [step, who, amount] of list) {
    const free = freeTokens(now) ?? Number.POSITIVE_INFINITY;
    if (step === 'grant') {
      now = grant(now, amount);
      granted += Math.max(0, amount);
    } else if (step === 'reserve') {
      const given = reserve(now, who, amount);
      expect(given.tokens).toBeLessThanOrEqual(free);
      expect(given.tokens).toBeLessThanOrEqual(Math.max(0, amount));
      now = given.ledger;
    } else if (step === 'charge') {
      now = charge(now, who, amount);
      charged += Math.max(0, amount);
    } else now = refund(now, who);
  }
  return { ledger: now, granted, charged };
};

describe('a ledger', () => {
  test('gives what there is, and all of it back when a member ends', () => {
    const given = reserve(openLedger(100), 'a', 70);
    expect(given.tokens).toBe(70);
    expect(reserve(given.ledger, 'b', 70).tokens).toBe(30);
    const after = refund(charge(given.ledger, 'a', 20), 'a');
    expect(freeTokens(after)).toBe(80);
    expect(freeTokens(refund(after, 'a'))).toBe(80);
  });

  test('G7: charges a call that cost more than was reserved, and then gives nothing until a grant covers it', () => {
    const over = charge(reserve(openLedger(100), 'a', 100).ledger, 'a', 130);
    expect(chargedTokens(over)).toBe(130);
    expect(reserve(over, 'b', 10).tokens).toBe(0);
    expect(ask(over, 10)).toBe(40);
    expect(reserve(grant(over, 40), 'b', 10).tokens).toBe(10);
  });

  test('without limit gives all that is wanted and still accounts it', () => {
    const free = openLedger(undefined);
    expect(reserve(free, 'a', undefined).tokens).toBeUndefined();
    expect(reserve(free, 'a', 5).tokens).toBe(5);
    expect(ask(free, 1_000)).toBe(0);
    expect(chargedTokens(charge(free, 'a', 7))).toBe(7);
  });

  test('asks ahead for several reserves at once, and for nothing while there is enough', () => {
    expect(ask(openLedger(100), 40)).toBe(0);
    expect(ask(openLedger(0), 40, 3)).toBe(120);
  });

  test('property: never gives more than there is, and creates no token', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000 }), steps, (start, list) => {
        const { ledger, granted, charged } = run(openLedger(start), list);
        expect(ledger.granted).toBe(granted);
        expect(chargedTokens(ledger)).toBe(charged);
        const overdraft = Math.max(0, charged + held(ledger) - granted);
        expect(freeTokens(ledger)).toBe(granted - held(ledger) - charged + overdraft);
        for (const amount of Object.values(ledger.held)) expect(amount).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('property: after all members are refunded, what is not charged is free', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000 }), steps, (start, list) => {
        const { ledger, granted, charged } = run(openLedger(start), list);
        const settled = ['a', 'b', 'c'].reduce(refund, ledger);
        expect(freeTokens(settled)).toBe(Math.max(0, granted - charged));
      }),
    );
  });

  test('gives part of what is wanted only where somebody can begin with it', () => {
    const ledger = reserve(openLedger(100), 'a', 70).ledger;
    expect(partOf(ledger, 30, undefined)).toBe(30);
    expect(partOf(ledger, 40, undefined)).toBeUndefined();
    expect(partOf(ledger, 40, 31)).toBeUndefined();
    expect(partOf(ledger, 40, 10)).toBe(30);
    expect(partOf(charge(ledger, 'a', 200), 0, undefined)).toBe(0);
    expect(isRefusal({ tokens: 0 })).toBe(true);
    expect(isRefusal({ tokens: 0, money: 5 })).toBe(false);
    expect(isRefusal({ tokens: 0, rest: true })).toBe(false);
    expect(isRefusal({ tokens: undefined })).toBe(false);
  });

  test('property: what is asked for is enough', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000 }), steps, fc.nat({ max: 500 }), (start, list, wanted) => {
        const { ledger } = run(openLedger(start), list);
        expect(reserve(grant(ledger, ask(ledger, wanted)), 'd', wanted).tokens).toBe(wanted);
      }),
    );
  });
});

test('G7, property: tokens and money are granted together, never beyond a budget, of an epic neither', () => {
  const amount = fc.nat({ max: 400 });
  const asked = fc.record({ who: member, tokens: amount, money: amount, least: fc.boolean() });
  const limits = { tokens: 500, money: 300 };
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 40 }), (asks) => {
      let [inTokens, inMoney] = [openLedger(1_000), openLedger(600)];
      for (const { who, tokens, money, least } of asks) {
        const part = (ledger: Ledger, limit: number, wanted: number): number | undefined => {
          const least1 = least ? leastPart(wanted) : undefined;
          const own = partWithin(Math.max(0, limit - (ledger.held[who] ?? 0)), wanted, least1);
          return own === undefined ? undefined : partOf(ledger, own, least1);
        };
        const given = {
          tokens: part(inTokens, limits.tokens, tokens),
          money: part(inMoney, limits.money, money),
        };
        if (given.tokens === undefined || given.money === undefined) continue;
        expect(given.tokens).toBeGreaterThanOrEqual(least ? Math.min(tokens, leastPart(tokens)) : tokens);
        inTokens = reserve(inTokens, who, given.tokens).ledger;
        inMoney = reserve(inMoney, who, given.money).ledger;
      }
      expect(held(inTokens)).toBeLessThanOrEqual(1_000);
      expect(held(inMoney)).toBeLessThanOrEqual(600);
      for (const of of Object.values(inTokens.held)) expect(of).toBeLessThanOrEqual(limits.tokens);
      for (const of of Object.values(inMoney.held)) expect(of).toBeLessThanOrEqual(limits.money);
    }),
  );
});

describe('the tokens of a day', () => {
  const day: DayLedger = { day: '2026-01-31', perDay: 100, granted: 0 };

  test('are granted up to the limit, and anew on the next day', () => {
    const first = grantOfDay(day, '2026-01-31', 80);
    const second = grantOfDay(first.ledger, '2026-01-31', 80);
    expect([first.tokens, second.tokens]).toEqual([80, 20]);
    expect(grantOfDay(second.ledger, '2026-01-31', undefined).tokens).toBe(0);
    expect(grantOfDay(second.ledger, '2026-02-01', undefined).tokens).toBe(100);
  });

  test('come back on the same day only', () => {
    const { ledger } = grantOfDay(day, '2026-01-31', 80);
    expect(refundOfDay(ledger, '2026-01-31', 30).granted).toBe(50);
    expect(refundOfDay(ledger, '2026-02-01', 30).granted).toBe(80);
    expect(refundOfDay(ledger, '2026-01-31', 1_000).granted).toBe(0);
  });

  test('without limit are counted all the same', () => {
    const { ledger, tokens: given } = grantOfDay({ ...day, perDay: undefined }, '2026-01-31', 1e9);
    expect([given, ledger.granted]).toEqual([1e9, 1e9]);
    expect(grantOfDay(ledger, '2026-01-31', undefined).tokens).toBeUndefined();
  });
});

describe('the caps of a bead', () => {
  const caps = { turns: 3, tokens: 100, wallMs: 1_000, attempts: 2 };
  const spent: Spent = { turns: 0, usage: noUsage, wallMs: 0, attempts: 0 };

  test('stop the next call when they are reached', () => {
    expect(overCap(spent, caps)).toBeUndefined();
    expect(overCap({ ...spent, turns: 3 }, caps)).toBe('turns');
    expect(overCap({ ...spent, usage: { ...noUsage, promptTokens: 60, completionTokens: 40 } }, caps)).toBe(
      'tokens',
    );
    expect(overCap({ ...spent, wallMs: 1_000 }, caps)).toBe('wallMs');
    expect(overCap({ ...spent, attempts: 2 }, caps)).toBe('attempts');
  });

  test('of money stop the next call, too; without a cap of it, none is made by raising it', () => {
    const paid = { ...spent, usage: { ...noUsage, money: 500 } };
    expect(overCap(paid, caps)).toBeUndefined();
    expect(overCap(paid, { ...caps, money: 501 })).toBeUndefined();
    expect(overCap(paid, { ...caps, money: 500 })).toBe('money');
    expect(raise({ ...caps, money: 500 }, { money: 100 }).money).toBe(600);
    expect(raise(caps, { money: 100 })).toEqual(caps);
  });

  test('G7: can be raised, never lowered', () => {
    expect(overCap({ ...spent, turns: 3 }, raise(caps, { turns: 1 }))).toBeUndefined();
    expect(raise(caps, { tokens: -50 })).toEqual(caps);
  });

  test('are raised only by whole numbers of known names', () => {
    expect(raiseFault(undefined)).toBeUndefined();
    expect(raiseFault({ turns: 5 })).toBeUndefined();
    expect(raiseFault({ turn: 5 })).toBe(
      'raise.turn is not a cap; known: turns, tokens, wallMs, attempts, money',
    );
    expect(raiseFault({ turns: -1 })).toBe('raise.turns is not a whole number of at least 0');
    expect(raiseFault({ turns: '5' })).toBe('raise.turns is not a whole number of at least 0');
    expect(raiseFault([])).toBe('raise is not an object');
  });
});

describe('a budget that is smaller than what a bead may use', () => {
  test('of a day lends a whole day where no day has enough, and waits for the next where one has', () => {
    expect(mostOfDay(300, 1_000, 250)).toBe(300);
    expect(mostOfDay(200, 1_000, 250)).toBe(1_000);
    expect(mostOfDay(5_000, 1_000, 250)).toBe(1_000);
    expect(mostOfDay(300, 1_000, undefined)).toBe(1_000);
    expect(mostOfDay(undefined, 1_000, 250)).toBe(1_000);
  });

  test('G10: says what it is, and what a bead needs', () => {
    expect(leastPart(40_001)).toBe(10_001);
    expect(tooFew({ granted: 5_000, left: 5_000 }, 1_200_000)).toBe(
      'the budget of this convoy is only 5,000 tokens; a bead may use 1,200,000 tokens and starts with no less than 300,000',
    );
    expect(tooFew({ granted: 50_000, left: 700 }, 40_000)).toContain(
      'of the 50,000 tokens of this convoy only 700 are left for another bead',
    );
  });
});
