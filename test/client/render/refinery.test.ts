import { expect, test } from 'vitest';
import { terminalOf } from '../../../client/render/terminal.ts';
import { refineryLines } from '../../../client/render/townPage.ts';
import { refineryMarkdown } from '../../../workflows/domain/report/board.ts';
import type { RefineryStatus } from '../../../workflows/domain/report/report.ts';

const status: RefineryStatus = {
  ...{ rig: 'app', target: 'gastown/main', landed: 3, sentBack: 1, tip: undefined, stopped: undefined },
  queue: [
    { bead: 'demo/core/one', attempt: 2, state: 'testing' },
    { bead: 'submission/app/fix', attempt: 1_763_740_000, state: 'waiting' },
  ],
};
const lines = (more: Partial<RefineryStatus>): readonly string[] =>
  refineryLines({ ...status, ...more }, terminalOf({}, {}));

test('a queue shows beads with their attempt, and branches of people without', () => {
  expect(lines({})).toEqual([
    'app gastown/main: 3 beads landed, 1 sent back, 2 in the queue',
    '  testing demo/core/one (attempt 2)',
    '  waiting submission/app/fix',
  ]);
});

test('G9, G10: what is in the way of a person’s checkout is said with the one command, and without escapes', () => {
  const behind = {
    what: 'main stays where it is while /app has changes that are not committed.',
    evidence: 'src/a\u001b[2J.ts\nsrc/b.ts',
    next: 'git -C /app merge --ff-only gastown/main',
  };
  const upstream = { branch: 'main', behind };
  expect(lines({ queue: [], upstream }).slice(1)).toEqual([
    '  main stays where it is while /app has changes that are not committed.',
    '    src/a.ts',
    '    src/b.ts',
    '    It follows by itself when nothing is in the way; by hand: git -C /app merge --ff-only gastown/main',
  ]);
  expect(refineryMarkdown({ ...status, upstream })).toContain('By hand: git -C /app merge');
  expect(lines({ queue: [], upstream: { branch: 'main', behind: undefined } }).slice(1)).toEqual([
    '  main has all that landed',
  ]);
});
