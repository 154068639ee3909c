import { expect, test } from 'vitest';
import type { Failure } from '../../../../workflows/domain/failure.ts';
import { afterEpic } from '../../../../workflows/domain/report/afterEpic.ts';

const failure = (type: Failure['type'], next: string): Failure => ({ type, what: 'w', evidence: 'e', next });

test.each([
  [
    'BudgetExhausted',
    'Raise the cap and go on: gt resume c/e/b --turns N',
    /limits\.bead.*gt convoy launch PLAN/,
  ],
  [
    'AttemptsExhausted',
    'gt bead log c/e/b; gt resume c/e/b --attempts 2',
    /gt bead log c\/e\/b.*gt convoy launch PLAN/,
  ],
  [
    'WorktreeLost',
    'Start the bead again with `gt resume`.',
    /^Its epic has ended\. Launch the plan again \(.*\): gt convoy/,
  ],
] as const)('G10: once the epic has ended, %s says to launch the plan again', (type, next, says) => {
  const told = afterEpic(failure(type, next), 'c/e/b');
  expect(told.next).toMatch(says);
  expect(told.next).not.toContain('gt resume');
  expect(told).toMatchObject({ type, what: 'w', evidence: 'e' });
});

test('G10: a plan is launched again as it was launched', () => {
  const next = afterEpic(
    failure('WorktreeLost', 'gt resume c/e/b'),
    'c/e/b',
    '/app/plan.yaml --convoy c',
  ).next;
  expect(next).toMatch(/: gt convoy launch \/app\/plan\.yaml --convoy c$/);
});

test.each(['/app/EPIC.md --rig app', "'/my app/Epic.md'", '/app/goal.txt'])(
  'G10: of a plan that a mayor made of %s the plan is what can be changed and launched',
  (launchedWith) => {
    const { next } = afterEpic(failure('WorktreeLost', 'gt resume c/e/b'), 'c/e/b', launchedWith);
    expect(next).toMatch(/gt plan show c --yaml > plan\.yaml; .* gt convoy launch plan\.yaml$/);
  },
);

test('what names another way stays as it is', () => {
  const other = failure('ModelMissing', 'Pull the model on the host.');
  expect(afterEpic(other, 'c/e/b')).toBe(other);
});
