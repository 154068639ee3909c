import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FailureType, failureKinds } from '../../../../workflows/domain/failure.ts';
import {
  acknowledgedLetters,
  type Letter,
  mailboxOf,
  pressureOf,
  remindedOf,
} from '../../../../workflows/domain/mail/mailbox.ts';
import { lettersDue, nextReminderAt } from '../../../../workflows/domain/mail/reminder.ts';
import {
  raisedSeverity,
  rankOf,
  severities,
  severityOf,
} from '../../../../workflows/domain/mail/severity.ts';

const rule = { afterMs: 1_000, times: 3 };
const types = Object.keys(failureKinds) as FailureType[];
const letter = (id: number, type: FailureType, more: Partial<Letter> = {}): Letter => ({
  ...{ id, about: `${id}`, failure: { type, what: 'w', evidence: '', next: 'n' }, at: 0 },
  ...more,
});

test('every type of failure has a severity, and only a message may have none', () => {
  for (const type of types) expect(severityOf(type) === undefined).toBe(type === 'Message');
  expect(severityOf('BaseRed')).toBe('critical');
  expect(severityOf('AttemptsExhausted')).toBe('warning');
  expect(severityOf('PlanWaits')).toBe('info');
  expect(severities.map(raisedSeverity)).toEqual(['warning', 'critical', 'critical']);
});

test('a person is reminded of what presses, each time after the pause, a few times, and every time it presses no less', () => {
  let box = mailboxOf([letter(1, 'AttemptsExhausted')]);
  const at: number[] = [];
  for (
    let due = nextReminderAt(box.letters, rule);
    due !== undefined;
    due = nextReminderAt(box.letters, rule)
  ) {
    expect(lettersDue(box.letters, rule, due - 1)).toEqual([]);
    const before = rankOf(pressureOf(box.letters[0] as Letter) ?? 'info');
    box = remindedOf(
      box,
      lettersDue(box.letters, rule, due).map(({ id }) => id),
      due,
    );
    expect(rankOf(pressureOf(box.letters[0] as Letter) ?? 'info')).toBeGreaterThanOrEqual(before);
    at.push(due);
  }
  expect(at).toEqual([1_000, 2_000, 3_000]);
  expect(pressureOf(box.letters[0] as Letter)).toBe('critical');
});

test('letters that are due almost together are one message', () => {
  const letters = [letter(1, 'BaseRed'), letter(2, 'BaseRed', { at: 80 }), letter(3, 'BaseRed', { at: 500 })];
  expect(lettersDue(letters, rule, 1_000).map(({ id }) => id)).toEqual([1, 2]);
});

test('nobody is reminded of what waits for a decision, is acknowledged, is for others, or has no severity', () => {
  const quiet = [
    letter(1, 'PlanWaits'),
    letter(2, 'Message'),
    letter(3, 'BaseRed', { to: 'crew/app' }),
    letter(4, 'Message', { severity: 'info' }),
  ];
  expect(nextReminderAt(quiet, rule)).toBeUndefined();
  const box = acknowledgedLetters(mailboxOf([letter(1, 'BaseRed')]), [1], 7);
  expect(nextReminderAt(box.letters, rule)).toBeUndefined();
  expect(acknowledgedLetters(box, [1], 9)).toEqual(box);
  expect(nextReminderAt([letter(1, 'BaseRed')], { ...rule, times: 0 })).toBeUndefined();
});

test('G5: told at any moments, reminders of any letters end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...types), fc.nat(5_000)), { maxLength: 8 }),
      fc.integer({ min: 1_000, max: 9_000 }),
      fc.nat(4),
      (all, afterMs, times) => {
        const some = { afterMs, times };
        let box = mailboxOf(all.map(([type, at], index) => letter(index + 1, type, { at })));
        let told = 0;
        for (
          let due = nextReminderAt(box.letters, some);
          due !== undefined;
          due = nextReminderAt(box.letters, some)
        ) {
          const letters = lettersDue(box.letters, some, due);
          expect(letters.length).toBeGreaterThan(0);
          box = remindedOf(
            box,
            letters.map(({ id }) => id),
            due,
          );
          told += letters.length;
        }
        const pressing = box.letters.filter(
          ({ failure: { type } }) => !['info', undefined].includes(severityOf(type)),
        );
        expect(told).toBe(pressing.length * times);
      },
    ),
  );
});
