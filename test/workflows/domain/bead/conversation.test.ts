import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  climbed,
  handedOver,
  madeRoom,
  toldSo,
  tooLong,
} from '../../../../workflows/domain/bead/beadHandover.ts';
import { mislaid, newLife, opened } from '../../../../workflows/domain/bead/beadLife.ts';
import {
  applied,
  gatesGreen,
  gatesRed,
  isSentBackGreen,
  looked,
  refused,
  reviewed,
  sentBack,
  spareRed,
  takeSpare,
} from '../../../../workflows/domain/bead/beadOutcome.ts';
import {
  type EditForm,
  editForms,
  formFor,
  malformedPerForm,
} from '../../../../workflows/domain/bead/editForm.ts';
import { fullAt, isFull } from '../../../../workflows/domain/bead/handover.ts';
import { looksInARow, mostLooks } from '../../../../workflows/domain/bead/look.ts';
import { remedyOf } from '../../../../workflows/domain/bead/remedy.ts';
import { needsReview } from '../../../../workflows/domain/bead/review.ts';
import { samplesFor, triesBeforeHard } from '../../../../workflows/domain/bead/samples.ts';
import { stallOf } from '../../../../workflows/domain/bead/stall.ts';
import { heard, mostTold, type Told } from '../../../../workflows/domain/bead/told.ts';

const caps = { turns: 20, tokens: 10_000, wallMs: 60_000, attempts: 5 };
const begun = opened(newLife(caps, true), { base: 'a', head: 'a' });
const red = { kind: 'gates', summary: 'one test is red', ref: 'f'.repeat(64) } as const;
const malformed = { kind: 'malformed', summary: 'no path', ref: '' } as const;
const lookAt = (command: string) => ({ command, outputRef: 'e'.repeat(64), ended: 'exit 0' });
const spares = (head: string, ...replyRefs: string[]) => ({ spares: { head, replyRefs } });

describe('the form of a reply', () => {
  const count = (form: EditForm, wellFormed: number, bad: number) => ({ form, wellFormed, malformed: bad });

  test('is what is configured, until replies in a row are malformed; then every form has its turn', () => {
    for (const configured of editForms) {
      const asked = [0, 1, 2, 3, 4, 5, 6].map((bad) => formFor({ configured, counts: [], malformed: bad }));
      expect(asked[0]).toBe(configured);
      expect(asked[1]).toBe(configured);
      expect(new Set([asked[0], asked[2], asked[4]])).toEqual(new Set(editForms));
      expect(asked[6]).toBe(configured);
    }
  });

  test('is as measured where nothing is configured: one that often fails gives way to one that does not', () => {
    const auto = (...counts: ReturnType<typeof count>[]) =>
      formFor({ configured: 'auto', counts, malformed: 0 });
    expect(auto()).toBe('whole');
    expect(auto(count('whole', 90, 10))).toBe('whole');
    expect(auto(count('whole', 20, 80))).toBe('blocks');
    expect(auto(count('whole', 20, 80), count('blocks', 10, 90))).toBe('tools');
    expect(auto(count('whole', 60, 40), count('blocks', 10, 90), count('tools', 0, 50))).toBe('whole');
    // A few bad replies prove nothing.
    expect(auto(count('whole', 500, 10), count('blocks', 0, 1))).toBe('whole');
    expect(auto(count('whole', 0, 5))).toBe('whole');
  });

  test('is always one that there is, whatever was counted', () => {
    const counts = fc.array(
      fc.record({ form: fc.constantFrom(...editForms), wellFormed: fc.nat(1_000), malformed: fc.nat(1_000) }),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(counts, fc.nat(50), (measured, bad) => {
        expect(editForms).toContain(formFor({ configured: 'auto', counts: measured, malformed: bad }));
      }),
    );
  });

  test('moves on only by malformed replies: what is unsafe or red says nothing of the form', () => {
    const twice = refused(refused(begun, malformed), malformed);
    expect(twice.malformed).toBe(malformedPerForm);
    expect(refused(begun, { ...malformed, kind: 'unsafe' }).malformed).toBeUndefined();
    expect(gatesRed(twice, red).malformed).toBe(malformedPerForm);
    expect(applied(twice, 'b').malformed).toBe(0);
  });
});

test('the ladder of forms goes on in a fresh conversation of the same model, and begins anew with another', () => {
  const twice = refused(refused(begun, malformed), malformed);
  expect(handedOver(twice, 'n', undefined).malformed).toBe(2);
  expect(handedOver(twice, 'n', 1).malformed).toBe(0);
  expect(climbed(twice, 1).malformed).toBe(0);
});

describe('looks', () => {
  test('keep what is red in sight, cost no attempt, and are forgotten by a hand-over', () => {
    const life = looked(gatesRed(begun, red), lookAt('ls'), 'r1');
    expect(life).toMatchObject({ todo: 'compose', looks: [{ command: 'ls' }], red });
    expect(life.feedback).toContainEqual(red);
    expect(life.spent.attempts).toBe(1);
    expect(handedOver(life, 'n', undefined).looks).toBeUndefined();
  });

  test('and refusals, in any order, never push out which test is red', () => {
    const after = fc.array(fc.constantFrom('look', 'malformed', 'unsafe', 'length'), { maxLength: 10 });
    fc.assert(
      fc.property(after, (steps) => {
        const life = steps.reduce(
          (before, step, at) =>
            step === 'look'
              ? looked(before, lookAt(`echo ${at}`), `r${at}`)
              : refused(before, { kind: step as 'malformed', summary: `fault ${at}`, ref: '' }),
          gatesRed(begun, red),
        );
        expect(life.feedback).toContainEqual(red);
      }),
    );
  });

  test('are bounded, the newest stay', () => {
    const many = Array.from({ length: mostLooks + 3 }, (_, at) => at).reduce(
      (life, at) => looked(life, lookAt(`echo ${at}`), `r${at}`),
      begun,
    );
    expect(many.looks).toHaveLength(mostLooks);
    expect(many.looks?.at(-1)?.command).toBe(`echo ${mostLooks + 2}`);
  });

  test('in a row without a change are a circle: a nudge first, and no fault of form', () => {
    const steps = Array.from({ length: looksInARow }, (_, at) => at);
    const life = steps.reduce((before, at) => looked(before, lookAt(`echo ${at}`), `r${at}`), begun);
    expect(stallOf(life.marks ?? [])).toEqual({ rule: 'onlyLooks', times: looksInARow });
    const remedy = remedyOf(life, 'c/e/b', 1);
    expect(remedy.kind).toBe('nudge');
    if (remedy.kind === 'nudge')
      expect(remedy.life.feedback.at(-1)?.nudge).toContain('You have only run commands');
  });

  test('of a bead that is to report are its work: only the same one again is a circle', () => {
    const steps = Array.from({ length: 2 * looksInARow }, (_, at) => at);
    const life = steps.reduce((before, at) => looked(before, lookAt(`echo ${at}`), `r${at}`, true), begun);
    expect(stallOf(life.marks ?? [])).toBeUndefined();
    expect(stallOf(looked(life, lookAt('echo 7'), 'r7', true).marks ?? [])?.rule).toBe('sameReply');
  });

  test('the same one again is a circle at once', () => {
    const life = looked(looked(begun, lookAt('ls'), 'same'), lookAt('ls'), 'same');
    expect(stallOf(life.marks ?? [])?.rule).toBe('sameReply');
  });
});

test('a conversation is full by what it has brought itself, not by its task', () => {
  expect(isFull({ fill: 1.2, looks: 0 })).toBe(false);
  expect(isFull({ fill: fullAt, looks: 2 })).toBe(true);
  // What a single look has shown must stand in at least one prompt for a change.
  expect(isFull({ fill: 1.2, looks: 1 })).toBe(false);
  expect(isFull({ fill: fullAt - 0.01, looks: 5 })).toBe(false);
  expect(isFull({ fill: undefined, looks: 5 })).toBe(false);
});

test('a conversation that makes room goes on in the eyes of those who look for circles', () => {
  const lookAndMakeRoom = (life: typeof begun, at: number) =>
    madeRoom(looked(life, lookAt('ls'), `r${at}`), 'n', 'it is full');
  const life = Array.from({ length: looksInARow }, (_, at) => at).reduce(lookAndMakeRoom, begun);
  expect(life).toMatchObject({ conversation: begun.conversation + looksInARow, handover: 'it is full' });
  expect(life.looks).toBeUndefined();
  expect(stallOf(life.marks ?? [])?.rule).toBe('onlyLooks');
});

describe('what a polecat is told', () => {
  const word = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    from: fc.constant('overseer'),
    text: fc.string({ maxLength: 20 }),
  });

  test('G5: sent twice, it is heard once, in the order it first came', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (sent) => {
        const told = toldSo(begun, sent).told ?? [];
        expect(told.map(({ id }) => id)).toEqual([...new Set(sent.map(({ id }) => id))]);
        expect(toldSo(toldSo(begun, sent), sent).told).toEqual(toldSo(begun, sent).told);
      }),
    );
  });

  test('is bounded, and survives a hand-over', () => {
    const many = Array.from(
      { length: mostTold + 2 },
      (_, at): Told => ({ id: `${at}`, from: 'x', text: 'y' }),
    );
    expect(many.reduce(heard, [] as readonly Told[])).toHaveLength(mostTold);
    const life = toldSo(begun, many.slice(0, 1));
    expect(handedOver(life, 'n', undefined).told).toEqual(life.told);
  });
});

describe('several replies to one prompt', () => {
  test('are asked for only by a bead that proved hard, and never more than allowed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 8 }), (failures, most) => {
        const samples = samplesFor({ most, failures });
        expect(samples).toBeGreaterThanOrEqual(1);
        expect(samples).toBeLessThanOrEqual(Math.max(1, most));
        if (failures < triesBeforeHard) expect(samples).toBe(1);
      }),
    );
  });

  test('are tried one after the other from the same head, and are one try together', () => {
    const life = { ...applied(begun, 'b'), ...spares('a', 'r2', 'r3') };
    const second = takeSpare(spareRed(life, red));
    expect(second).toMatchObject({ replyRef: 'r2', head: 'a' });
    const third = takeSpare(spareRed(second?.life ?? life, red));
    expect(third).toMatchObject({ replyRef: 'r3', head: 'a' });
    expect(takeSpare(third?.life ?? begun)).toBeUndefined();
    const end = gatesRed(third?.life ?? life, red);
    expect(end).toMatchObject({ failures: 1, attempt: 2, spent: { attempts: 1 } });
    expect(end.spares).toBeUndefined();
  });

  test.each([
    ['cannot be applied', (life: typeof begun) => refused(life, malformed)],
    ['only looks', (life: typeof begun) => looked(life, lookAt('ls'), 'r2')],
  ])('of which one was red are a failed try also when the last %s', (_, end) => {
    const tried = takeSpare(spareRed({ ...applied(begun, 'b'), ...spares('a', 'r2') }, red));
    const life = end(tried?.life ?? begun);
    expect(life).toMatchObject({ failures: 1, spent: { attempts: 1 } });
    expect(life.spares).toBeUndefined();
  });

  test('of which none could be gated are no failed try by that alone', () => {
    const tried = takeSpare(refused({ ...begun, ...spares('a', 'r2') }, malformed));
    expect(refused(tried?.life ?? begun, malformed)).toMatchObject({ failures: 0, refusals: 2 });
  });

  test.each([
    ['the gates are green', gatesGreen],
    ['it was sent back', (life: typeof begun) => sentBack(life, red)],
    ['the worktree is gone', mislaid],
    ['it was handed over', (life: typeof begun) => handedOver(life, 'n', undefined)],
  ])('are forgotten when %s: they answer a prompt of before', (_, move) => {
    expect(takeSpare(move({ ...begun, ...spares('a', 'r2') }))).toBeUndefined();
  });
});

describe('a review', () => {
  const settings = { reviewer: { model: 'critic', callTimeoutMs: 1 }, rounds: 2 };
  const back = { verdict: 'sendBack', summary: 'not polished', ref: 'd'.repeat(64) } as const;

  test('sends back so often and no more, whatever the reviewer says', () => {
    let life = gatesGreen(applied(begun, 'b'));
    let times = 0;
    while (needsReview(settings, life.reviewed)) {
      life = gatesGreen(applied(reviewed(life, back), 'c'));
      times++;
      expect(times).toBeLessThanOrEqual(settings.rounds);
    }
    expect(times).toBe(settings.rounds);
  });

  test('that was passed holds until a reply changes the work: a rebase is no new change', () => {
    const passed = reviewed(gatesGreen(applied(begun, 'b')), { verdict: 'approve' });
    expect(needsReview(settings, passed.reviewed)).toBe(false);
    expect(needsReview(settings, sentBack(passed, red).reviewed)).toBe(false);
    expect(needsReview(settings, applied(passed, 'c').reviewed)).toBe(true);
    expect(needsReview(undefined, undefined)).toBe(false);
  });

  test('is no failed try, and tells the polecat why', () => {
    const life = reviewed(gatesGreen(applied(begun, 'b')), back);
    expect(life).toMatchObject({ todo: 'compose', failures: 0, attempt: begun.attempt });
    expect(life.feedback.at(-1)).toMatchObject({ kind: 'review', summary: 'not polished' });
  });
});

test('work that only its reviewer wants changed stays known as green, whatever was looked at or refused since', () => {
  const back = { verdict: 'sendBack', summary: 'not polished', ref: '' } as const;
  const sent = reviewed(gatesGreen(applied(begun, 'b')), back);
  expect(isSentBackGreen(begun)).toBe(false);
  expect(isSentBackGreen(looked(refused(sent, malformed), lookAt('ls'), 'r'))).toBe(true);
  expect(isSentBackGreen(handedOver(sent, 'n', undefined))).toBe(true);
  expect(isSentBackGreen(gatesRed(applied(sent, 'c'), red))).toBe(false);
});

test('a prompt that was too long costs no turn', () => {
  const life = tooLong({ ...begun, spent: { ...begun.spent, turns: 3 } });
  expect(life).toMatchObject({ squeezed: 1, spent: { turns: 2 } });
});
