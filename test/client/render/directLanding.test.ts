import { expect, test } from 'vitest';
import { laidOut } from '../../../client/answer.ts';
import { directLines, heldLines } from '../../../client/render/directLanding.ts';
import { closedLines } from '../../../client/render/refineryQueue.ts';
import { terminalLike } from '../../../client/render/terminal.ts';
import type { DirectStatus } from '../../../workflows/domain/queue/direct.ts';
import { refineryMarkdown } from '../../../workflows/domain/report/refineryMarkdown.ts';
import type { RefineryStatus } from '../../../workflows/domain/report/report.ts';

const wide = terminalLike({ columns: undefined, redraws: false, colour: false, timeZone: 'UTC' });
const narrow = terminalLike({ columns: 60, redraws: false, colour: false, timeZone: 'UTC' });

const status: DirectStatus = {
  ...{ id: 'r', earlier: [], of: { kind: 'bead', bead: 'demo/core/fix' }, state: 'looked' },
  checks: [
    { name: 'polecat', outcome: 'ok', says: 'no polecat is at work on it: it is parked' },
    { name: 'work tree', outcome: 'forced', says: '1 file not committed in /home/x' },
  ],
  ...{
    rig: 'app',
    target: 'main',
    upstream: undefined,
    title: 'Mend\u001b[31m it',
    head: 'abcdef1234567890',
  },
  ...{ commits: 1, untested: undefined, commit: undefined, failure: undefined, evidenceRef: undefined },
};
const untested = {
  commit: 'f'.repeat(40),
  bead: 'demo/core/fix',
  by: 'ada',
  reason: 'the shop\u001b[31m is down',
};
const queue: RefineryStatus = {
  ...{ rig: 'app', target: 'main', landed: 1, sentBack: 0, tip: 'f'.repeat(40), stopped: undefined },
  ...{ queue: [], untested },
};

test('a dry run shows every check, what holds up the queue, and what would be done', () => {
  expect(directLines(status, queue, '/home', wide)).toEqual([
    'app demo/core/fix for main: nothing was done',
    '  1 commit, head abcdef1234: Mend it',
    '  ok      polecat: no polecat is at work on it: it is parked',
    '  skipped work tree: 1 file not committed in /home/x',
    '  closed until the target passes: demo/core/fix landed as ffffffffff without a test (ada: the shop is down)',
    '  What would be done:',
    '    It goes into the merge queue of app main as a hotfix: tested in a slot of its own, nothing lands before its test has ended.',
  ]);
  const lines = laidOut(
    { data: null, lines: (terminal) => directLines(status, queue, '/home', terminal) },
    narrow,
  );
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
});

test('G10: a refusal comes in three parts, and says that nothing would be done', () => {
  const failure = { type: 'PolecatAtWork', what: 'It is at work.', evidence: 'gates', next: 'Stop it.' };
  const lines = directLines({ ...status, failure }, undefined, '/home', wide);
  expect(lines.slice(-4)).toEqual([
    '  Nothing would be done:',
    '  PolecatAtWork: It is at work.',
    '    gates',
    '  Next: Stop it.',
  ]);
});

test('what landed without a test is told so where it landed, and wherever the queue is shown', () => {
  const landed = { ...status, state: 'landed', commit: 'f'.repeat(40), untested: 'now' } as const;
  expect(directLines(landed, undefined, '/home', wide)).toEqual([
    'app demo/core/fix for main: landed as ffffffffff on main',
    '  Without a test. Nothing else lands until the new tip has passed: gt refinery status',
  ]);
  const line = /closed until the target passes: demo\/core\/fix landed as f{10} without a test/;
  expect(closedLines(queue).join('\n')).toMatch(line);
  expect(refineryMarkdown(queue)).toContain('Closed until main passes: demo/core/fix landed as');
  expect(refineryMarkdown(queue)).not.toContain('\u001b');
});

test('a queue that has stopped holds it up, but for a red target that it may mend', () => {
  const stop = (type: 'BaseRed' | 'QueuePaused') =>
    heldLines({
      ...queue,
      untested: undefined,
      stopped: { type, what: 'It stands.', evidence: '', next: '' },
    } as never);
  expect(stop('QueuePaused')).toEqual(['  queue: It stands. It waits until that is over.']);
  expect(stop('BaseRed')).toEqual(['  queue: It stands. It lands if the target is green with it.']);
});
