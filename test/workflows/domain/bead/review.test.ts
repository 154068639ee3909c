import { expect, test } from 'vitest';
import { newLife } from '../../../../workflows/domain/bead/beadLife.ts';
import { applied, keptReview, reviewed } from '../../../../workflows/domain/bead/beadOutcome.ts';
import { needsReview, reviewText } from '../../../../workflows/domain/bead/review.ts';

const settings = { reviewer: { model: 'critic', callTimeoutMs: 1 }, rounds: 2 };
const life = { ...newLife({ turns: 1, tokens: 1, wallMs: 1, attempts: 1 }), base: 'b', head: 'h' };

test('G10: what nobody reviewed says so, until the work is another one', () => {
  const unseen = reviewed(life, { verdict: 'unseen', why: 'critic did not answer' });
  expect(needsReview(settings, unseen.reviewed)).toBe(false);
  expect(reviewText(unseen.reviewed)).toBe('not reviewed: critic did not answer');
  const next = applied(unseen, 'h2');
  expect(reviewText(next.reviewed)).toBeUndefined();
  expect(needsReview(settings, next.reviewed)).toBe(true);
});

test('people see how often it was sent back, and what came of it', () => {
  expect(reviewText(undefined)).toBeUndefined();
  const back = reviewed(life, { verdict: 'sendBack', summary: 's', ref: '' });
  expect(reviewText(back.reviewed)).toBe('sent back once');
  expect(reviewText(reviewed(applied(back, 'h2'), { verdict: 'approve' }).reviewed)).toBe(
    'sent back once, then approved',
  );
});

test('G7: a reply that is kept is of one head, and gone with its verdict', () => {
  const kept = keptReview(life, 'ref');
  expect(kept.reviewed?.kept).toEqual({ head: 'h', replyRef: 'ref' });
  expect(needsReview(settings, kept.reviewed)).toBe(true);
  expect(reviewed(kept, { verdict: 'approve' }).reviewed).toEqual({ rounds: 0, passed: true });
});
