import { expect, it } from 'vitest';
import { claimAnswer, insists } from '../../../../workflows/domain/bead/claim.ts';

it('G3: a claim is answered once, and only who says it again right after that insists', () => {
  const answer = claimAnswer(false);
  const other = { ...answer, summary: 'The reply is empty.' };
  expect(insists([], answer)).toBe(false);
  expect(insists([answer, other], answer)).toBe(false);
  expect(insists([other, answer], answer)).toBe(true);
  expect(insists([claimAnswer(true)], answer)).toBe(false);
});
