import { expect, test } from 'vitest';
import { isRestDue } from '../../../../../workflows/domain/refinery/book/restDue.ts';

const busy = { suggested: true, testsUnderWay: 16, events: 5_000, bytes: 4_000_000 };

test('a queue hands over when the server suggests it and no test is under way', () => {
  expect(isRestDue({ ...busy, testsUnderWay: 0 })).toBe(true);
  expect(isRestDue({ ...busy, suggested: false, testsUnderWay: 0 })).toBe(false);
});

test('a busy one goes on past the suggestion, and hands over long before the server ends it', () => {
  expect(isRestDue(busy)).toBe(false);
  expect(isRestDue({ ...busy, events: 20_000 })).toBe(true);
  expect(isRestDue({ ...busy, bytes: 20_000_000 })).toBe(true);
});
